/// Short reviews in English and Chinese.
enum ReviewText {
  static func pick(stars: Int, isLate: Bool, isFaulty: Bool, random: inout Random) -> String {
    let choice: [String] =
      if stars <= 2 && isFaulty {
        faulty
      } else if stars <= 2 && isLate {
        late
      } else if stars <= 2 {
        bad
      } else if stars == 3 {
        middling
      } else {
        good
      }
    return random.pick(choice)
  }

  private static let good = [
    "很好,质量不错,会再来", "物流很快,包装也好", "性价比高,推荐", "和描述一致,满意", "孩子很喜欢",
    "Great quality, would buy again", "Fast delivery and well packed", "Exactly as described",
    "Good value for the price", "Very happy with it",
  ]
  private static let middling = [
    "一般般吧", "还可以,没有想象中好", "凑合能用", "It is okay", "Not bad, not great",
    "Smaller than I expected",
  ]
  private static let bad = [
    "不值这个价", "比别家贵", "不会再买了", "Too expensive for what it is", "Would not buy again",
  ]
  private static let late = [
    "物流太慢了", "等了一个多星期才到", "说好三天到,结果晚了很多", "Arrived far too late",
    "Delivery took forever", "Promised in three days, came a week later",
  ]
  private static let faulty = [
    "质量太差,客服也不理人", "收到就是坏的", "退货很麻烦,客服态度差", "有色差,做工粗糙",
    "Broken on arrival and nobody answers", "Poor quality, service was rude",
    "Returning it was a nightmare",
  ]
}
