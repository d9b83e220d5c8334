/// Why somebody leaves the shop.
enum LeavingReason: Int, CaseIterable, Sendable {
  case price, delivery, service, need, competitor, unknown

  var name: String { "\(self)" }

  /// Days from the decision to the silence. Who leaves without a sign is gone the next day.
  var fadingDays: ClosedRange<Int> {
    switch self {
    case .price: 15...40
    case .delivery: 10...25
    case .service: 7...25
    case .need: 40...80
    case .competitor: 4...12
    case .unknown: 0...0
    }
  }
}

/// The probability of deciding to leave on a day, for each reason.
struct Hazards: Sendable {
  /// By the reason's raw value; the rest is 0.
  private var values = SIMD8<Double>()

  subscript(reason: LeavingReason) -> Double {
    get { values[reason.rawValue] }
    set { values[reason.rawValue] = newValue }
  }

  var total: Double { values.sum() }

  mutating func add(_ other: Hazards) { values += other.values }

  /// A reason with a probability in proportion to its hazard.
  func pick(random: inout Random) -> LeavingReason {
    let reasons = LeavingReason.allCases
    return reasons[random.index(weights: reasons.map { self[$0] })]
  }
}

/// Where a person stands with the shop.
enum Stage: Sendable {
  case active
  /// Away for a while, but coming back.
  case pausing(until: Int)
  case fading(LeavingReason, from: Int, until: Int)
  case gone(LeavingReason)
}

/// What a person has lived through lately; it decides whether they leave.
struct Mood: Sendable {
  private(set) var stage = Stage.active
  private(set) var decidedDay: Int?
  private(set) var leftDay: Int?
  /// Late parcels and bad service that are not forgotten yet; each halves in 40 days.
  var lateParcels = 0.0
  var badService = 0.0
  /// Until this day an opened campaign has an effect.
  private(set) var charmedUntil = -1
  /// What its offer takes off a basket meanwhile, as a share.
  private(set) var coupon = 0.0
  /// All hazards that the person was under, added up over the days: the truth for tests of causes.
  private(set) var cumulative = Hazards()

  private static let dailyMemory = 0.982820598545  // 0.5^(1/40)

  mutating func open(_ campaign: Campaign, day: Int) {
    charmedUntil = day + 10
    coupon = campaign.discount
  }

  /// One day passes: memories fade, and the person may decide to leave, to pause or to come back.
  mutating func pass(day: Int, traits: Traits, market: Market, random: inout Random) {
    lateParcels *= Self.dailyMemory
    badService *= Self.dailyMemory
    switch stage {
    case .active:
      let hazards = hazards(day: day, traits: traits, market: market)
      cumulative.add(hazards)
      if random.chance(hazards.total) {
        decide(hazards.pick(random: &random), day, &random)
      } else if random.chance(1.0 / 400) {
        stage = .pausing(until: day + random.integer(20...70))
      }
    case .pausing(let until):
      if day >= until { stage = .active }
    case .fading(let reason, _, let until):
      if day >= until { leave(reason, day) }
    case .gone: break
    }
  }

  private mutating func decide(_ reason: LeavingReason, _ day: Int, _ random: inout Random) {
    decidedDay = day
    let length = random.integer(reason.fadingDays)
    if length == 0 {
      leave(reason, day)
    } else {
      stage = .fading(reason, from: day, until: day + length)
    }
  }

  private mutating func leave(_ reason: LeavingReason, _ day: Int) {
    stage = .gone(reason)
    leftDay = day
  }

  private func hazards(day: Int, traits: Traits, market: Market) -> Hazards {
    var hazards = Hazards()
    let lostDiscount = day >= traits.discountCutDay && day < traits.discountCutDay + 90 ? 1.0 : 0.0
    let rise = market.recentRise(of: traits.mainCategory, day: day) * 10
    hazards[.price] = 0.016 * traits.priceSensitivity * (lostDiscount + 0.15 * rise)
    hazards[.delivery] = 0.006 * traits.impatience * lateParcels
    hazards[.service] = 0.022 * traits.impatience * badService
    hazards[.need] = 0.0005
    if market.competitorTempts(traits.mainCategory, day: day) {
      hazards[.competitor] = 0.008 * (0.3 + traits.priceSensitivity)
    }
    hazards[.unknown] = 0.0001
    if day < charmedUntil {
      for reason in [LeavingReason.price, .competitor] { hazards[reason] *= 0.4 }
    }
    return hazards
  }

  /// How much of the usual visiting is left, 0 to 1.
  func activity(day: Int) -> Double {
    switch stage {
    case .active: return 1
    case .pausing: return 0.03
    case .fading(let reason, let from, let until):
      // Who finds the shop too dear goes on looking, but hardly buys.
      let loss = reason == .price ? 0.3 : 0.85
      return 1 - loss * Double(day - from) / Double(until - from)
    case .gone: return 0.006
    }
  }

  /// How much of the usual readiness to buy on a visit is left, 0 to 1.
  var readiness: Double {
    switch stage {
    case .active: 1
    case .pausing: 0.5
    case .fading(let reason, _, _): reason == .price ? 0.2 : 0.5
    case .gone: 0.15
    }
  }

  /// Whether the person is leaving over bad service, and so complains more.
  var isQuarrelling: Bool {
    if case .fading(.service, _, _) = stage { true } else { false }
  }
}
