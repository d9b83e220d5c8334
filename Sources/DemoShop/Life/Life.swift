/// One person's days in the shop, lived one after the other: what they do follows from who they are
/// and what happened to them, and so do the rows.
struct Life {
  let traits: Traits
  let person: Person
  let market: Market
  var random: Random
  var mood = Mood()
  var records: LifeRecords
  /// What will be noticed on a later day: parcels, reviews, complaints.
  var pending: [Pending] = []
  var lastOrderDay: Int
  private var nextCampaign = 0

  /// Something that an order brings about on a later day.
  struct Pending {
    let day: Int
    let order: Int64
    let product: Product
    let isLate: Bool
    let isFaulty: Bool
  }

  init(user: Int64, market: Market) {
    traits = Traits(user: user, market: market)
    self.market = market
    random = Random(seed: market.seed, purpose: .life, number: user)
    person = Person(traits: traits, random: &random)
    records = LifeRecords(user: user)
    lastOrderDay = max(-1, traits.signedUpDay) - random.below(30)
  }

  /// Lives through the history. Who signed up before it is taken to be active on its first day.
  mutating func run() {
    for day in max(0, traits.signedUpDay)..<market.calendar.days {
      settle(day)
      mood.pass(day: day, traits: traits, market: market, random: &random)
      receiveCampaigns(day)
      quarrel(day)
      let charm = day < mood.charmedUntil ? 0.5 + 0.5 * traits.response : 1
      let visits = traits.visitsPerDay * mood.activity(day: day) * market.demand[day] * charm
      if random.chance(visits) { visit(day) }
    }
  }

  /// The user's rows; who never leaves has no instant of leaving.
  var truth: TruthRow {
    var reason: LeavingReason?
    switch mood.stage {
    case .fading(let why, _, _), .gone(let why): reason = why
    case .active, .pausing: break
    }
    return TruthRow(
      traits: traits,
      decidedAt: mood.decidedDay.map { market.calendar.instant(day: $0, second: 0) },
      leftAt: mood.leftDay.map { market.calendar.instant(day: $0, second: 0) },
      reason: reason, hazards: mood.cumulative)
  }

  private mutating func receiveCampaigns(_ day: Int) {
    while nextCampaign < market.campaigns.count, market.campaigns[nextCampaign].day <= day {
      let campaign = market.campaigns[nextCampaign]
      nextCampaign += 1
      guard campaign.day == day, day > traits.signedUpDay,
        person.consents[campaign.channel] == true,
        random.chance(Campaign.reach)
      else { continue }
      let sentAt = market.calendar.instant(day: day, second: random.uniform(36_000...39_600))
      let attention = mood.activity(day: day)
      let isOpened = random.chance(campaign.channel.openRate * (0.1 + 0.9 * attention))
      var openedAt: Int64?
      if isOpened {
        openedAt = sentAt + Int64(random.uniform(30...20_000)) * Duration.second
        mood.open(campaign, day: day)
      }
      records.send(campaign, sentAt: sentAt, openedAt: openedAt)
    }
  }

  /// Who leaves over bad service keeps complaining, with or without a new order.
  private mutating func quarrel(_ day: Int) {
    guard mood.isQuarrelling, random.chance(0.05) else { return }
    records.complain(.service, order: records.lastOrder, at: instant(day))
  }

  /// Some time of a day, after signing up.
  mutating func instant(_ day: Int) -> Int64 {
    let instant = market.calendar.instant(
      day: day, second: Rhythm.second(shift: traits.rhythm, random: &random))
    return max(instant, traits.signedUpAt + Duration.minute)
  }
}
