/// What a person told the shop at sign-up. Nobody real: the addresses are in a domain kept for
/// examples, and the numbers begin with 12, which no Chinese mobile number does.
struct Person: Sendable {
  let email: String
  let phone: String
  let name: String
  let city: String?
  let gender: String?
  let birthYear: Int64?
  let channel: OrderChannel
  let level: MemberLevel
  let consents: [Campaign.Channel: Bool]

  private static let families = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
  ]
  private static let givens = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明",
    "超", "秀英", "霞", "平", "子涵", "雨桐", "浩然", "欣怡", "梓轩", "思远", "佳怡", "一诺",
  ]

  init(traits: Traits, random: inout Random) {
    let user = traits.user
    email = "user\(user)@example.com"
    let digits = String(random.below(1_000_000_000))
    phone = "+86 12" + String(repeating: "0", count: 9 - digits.count) + digits
    name = random.pick(Self.families) + random.pick(Self.givens)
    city = random.chance(0.02) ? nil : City.all[traits.city].name
    gender = random.chance(0.12) ? nil : (random.chance(0.58) ? "female" : "male")
    birthYear = random.chance(0.1) ? nil : Int64(1958 + random.below(26) + random.below(24))
    channel = OrderChannel.allCases[random.index(weights: OrderChannel.allCases.map(\.weight))]
    level = MemberLevel(traits: traits, random: &random)
    consents = [
      .appPush: random.chance(0.7), .sms: random.chance(0.55), .email: random.chance(0.6),
    ]
  }
}

enum OrderChannel: String, CaseIterable, Sendable {
  case app, web, store
  case miniProgram = "mini_program"

  var weight: Double {
    switch self {
    case .app: 45
    case .miniProgram: 30
    case .web: 18
    case .store: 7
    }
  }
}

/// Granted at sign-up from what a person says they will buy, and never changed afterwards: a level
/// that followed later spending would tell a model about the future.
enum MemberLevel: String, Sendable {
  case normal, silver, gold, vip

  init(traits: Traits, random: inout Random) {
    let guess = traits.visitsPerDay * traits.buyProbability * random.logNormal(median: 1, spread: 1)
    switch guess {
    case ..<0.04: self = .normal
    case ..<0.08: self = .silver
    case ..<0.16: self = .gold
    default: self = .vip
    }
  }
}
