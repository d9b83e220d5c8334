/// Who follows whom. People follow those who were there before them, the earliest most of all, and
/// some are followed back.
enum Follows {
  static func rows(of traits: Traits, market: Market) -> [FollowRow] {
    let user = traits.user
    guard user > 1 else { return [] }
    var random = Random(seed: market.seed, purpose: .follows, number: user)
    var followees: [Int64] = []
    var rows: [FollowRow] = []
    while followees.count < 20, random.chance(0.65) {
      let u = random.uniform()
      let followee = 1 + Int64(u * u * Double(user - 1))
      guard !followees.contains(followee) else { continue }
      followees.append(followee)
      let both = max(traits.signedUpAt, Traits(user: followee, market: market).signedUpAt)
      let rest = max(0, market.calendar.endInstant - both - Duration.minute)
      let since = both + Int64(random.uniform() * Double(rest / Duration.second)) * Duration.second
      rows.append(FollowRow(follower: user, followee: followee, since: since))
      if random.chance(0.3) {
        let answer = min(since + Duration.hour, market.calendar.endInstant - 1)
        rows.append(FollowRow(follower: followee, followee: user, since: answer))
      }
    }
    return rows
  }
}
