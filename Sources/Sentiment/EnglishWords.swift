/// English words of shop reviews.
enum EnglishWords {
  static let all: [(word: String, role: Lexicon.Role)] =
    WordList.words(
      .mood(2.5),
      """
      amazing awesome excellent exceptional exquisite fabulous fantastic flawless gorgeous
      incredible magnificent marvelous marvellous outstanding perfect perfection perfectly
      phenomenal spectacular splendid stunning superb terrific wonderful wonderfully love loved loves
      adore adored brilliant best five_stars 5_stars five_star 5_star top_notch highly_recommend
      highly_recommended can't_fault 10/10 exceeded_my_expectations exceeds_expectations
      """)
    + WordList.words(
      .mood(1.5),
      """
      good great nice nicely happy pleased pleasant pleasantly satisfied satisfying satisfaction
      enjoy enjoyed enjoyable enjoying delighted delightful impressed impressive recommend recommended
      recommending recommendable beautiful beautifully pretty lovely cute elegant stylish
      comfortable comfy cozy cosy soft smooth sturdy durable solid reliable robust
      useful helpful handy practical convenient easy easily effective efficient
      delicious tasty yummy fresh clean good_quality great_quality high_quality excellent_quality top_quality quality_product pretty_good pretty_nice pretty_well well well-made well_made well_packed well_packaged
      friendly kind polite courteous attentive professional responsive patient caring
      fast quick quickly prompt promptly speedy on_time ahead_of_time early in_time
      affordable reasonable reasonably bargain worth worthwhile worthy value_for_money
      genuine authentic original accurate as_described as_pictured as_expected
      thank thanks grateful appreciate appreciated glad favorite favourite fun
      works_well works_great works_fine fits_well fits_perfectly fits_great buy_again order_again
      will_be_back come_back again_and_again 4_stars four_stars no_problem no_problems no_issue
      no_issues no_complaints without_problems without_issues hassle_free trouble_free
      safe safely intact generous wow bonus refunded_immediately quick_refund
      """)
    + WordList.words(
      .mood(0.75),
      """
      ok okay fine cheap decent fair acceptable adequate alright satisfactory works worked fits liked
      like likes warm bright quiet improved better thoughtful neat tidy correct correctly
      helped
      """)
    + WordList.words(
      .mood(-0.75),
      """
      average mediocre meh so-so so_so ordinary basic overpriced pricey expensive costly
      late slow slowly delay delayed delays heavy loud noisy flimsy loose wrinkled
      scratch scratches scratched dent dented faded complicated confusing difficult hard
      unclear unfortunately issue issues problem problems trouble complaint complain complained
      missing lacking lacks lack leak leaks leaking leaked stain stains stained dirty dusty smell
      smells smelly odor odour stinks rough stiff uncomfortable itchy return returned returning
      refund refunded mistake mistakes incomplete 2_stars two_stars 3_stars three_stars
      could_be_better should_be_better expected_better expected_more worse outdated regretted
      """)
    + WordList.words(
      .mood(-1.5),
      """
      bad badly poor poorly broken breaks broke damaged damage defective faulty defect defects
      disappointed disappointing disappointment disappoints unhappy unsatisfied dissatisfied
      annoying annoyed frustrating frustrated frustration angry upset unacceptable unreliable
      unusable useless unhelpful rude impolite unprofessional unresponsive ignored ignores careless
      cheaply_made looks_cheap look_cheap feels_cheap feel_cheap cheap_plastic poor_quality bad_quality
      pretty_bad pretty_poor pretty_slow pretty_disappointed pretty_disappointing shoddy inferior low_quality fail failed fails failure crash crashed crashes
      wrong incorrect misleading mislead misled inaccurate not_as_described not_as_pictured
      stopped_working stops_working doesn't_work didn't_work don't_work does_not_work did_not_work
      not_working won't_work never_arrived never_received not_received didn't_arrive
      didn't_receive did_not_arrive never_came no_response no_reply no_answer fell_apart falls_apart
      falling_apart ripped tore torn cracked crack shattered rusted rusty mold moldy mould mouldy rotten expired
      stale lost regret regrets hate hated dislike disliked avoid overcharged hidden_fees
      waste_of_time no_refund refuse refused refuses don't_buy do_not_buy don't_bother
      too_small too_big too_large too_tight too_thin too_short too_loud too_late too_slow
      one_star 1_star never_again stay_away ugly fake counterfeit knockoff knock-off
      """)
    + WordList.words(
      .mood(-2.5),
      """
      terrible terribly horrible horribly awful awfully disgusting dreadful appalling atrocious abysmal
      pathetic worst garbage trash rubbish junk crap crappy sucks scam scammed scammers fraud
      fraudulent cheated ripoff rip-off rip_off waste_of_money waste worthless nightmare
      disaster shame disgrace disgraceful ridiculous zero_stars 0_stars liars lied thieves stolen
      dangerous
      """)
    + WordList.words(
      .negation,
      """
      not no never neither nor none nothing nobody without hardly barely scarcely cannot can't
      don't doesn't didn't isn't wasn't aren't weren't won't wouldn't couldn't shouldn't haven't hasn't
      hadn't ain't not_so not_that not_very not_really not_at_all far_from lack_of
      """)
    + WordList.words(
      .degree(1.5),
      """
      very really extremely incredibly super so too totally absolutely completely truly highly
      exceptionally remarkably especially particularly quite much most more such
      """)
    + WordList.words(
      .degree(0.5),
      "slightly somewhat a_bit a_little little rather kind_of kinda sort_of sorta fairly almost less"
    )
    + WordList.words(.contrast, "but however although though yet except")
    + WordList.words(.stop, ". , ! ? ; : ( )")
    + WordList.words(
      .nothing,
      """
      not_only no_doubt no_matter just_like looks_like look_like looked_like feels_like feel_like
      something_like like_a like_the would_like i'd_like as_well as_well_as pretty_much no_longer_than
      hard_disk hard_drive light_bulb best_before kind_of_like best_regards cash_back small_talk
      so_far so_that by_far nothing_to_add fair_trade easy_going
      """)
    + WordList.words(
      .mood(1.5),
      """
      :) :-) :d ;) <3 👍 😊 😀 😃 😄 😁 🙂 😍 🥰 😘 🤩 ❤ 💕 💖 💯 🎉 👏 👌 🌹 😋 🤗 💪
      nothing_to_complain can't_complain
      """)
    + WordList.words(.mood(-1.5), ":( :-( 👎 😡 😠 🤬 😞 😔 😟 ☹ 🙁 😢 💔 🤮 🤢 😤 😒 😩 😭 💩")
}
