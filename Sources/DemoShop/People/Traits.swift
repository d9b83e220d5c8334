import Foundation

/// What is fixed about a person: the latent causes of what the tables show.
struct Traits: Sendable {
  let user: Int64
  /// Days before the history are negative.
  let signedUpDay: Int
  let signedUpAt: Int64
  let city: Int
  let mainCategory: Int
  let secondCategory: Int
  /// Visits on an ordinary day while active.
  let visitsPerDay: Double
  /// Probability that a visit ends in an order, once the person needs something again.
  let buyProbability: Double
  /// Days after an order until the person needs something again.
  let cycle: Double
  /// 0 to 1: how much discounts and prices matter.
  let priceSensitivity: Double
  /// 0 to 1: how much late parcels and bad service matter.
  let impatience: Double
  /// The share of a basket that discounts usually take off for this person.
  let usualDiscount: Double
  /// From this day on the shop gives less; beyond the history where it never does.
  let discountCutDay: Int
  /// By how much an opened campaign multiplies the wish to buy.
  let response: Double
  /// Hours by which the daily rhythm is shifted.
  let rhythm: Double

  init(user: Int64, market: Market) {
    var random = Random(seed: market.seed, purpose: .traits, number: user)
    self.user = user
    // First, so that another person's sign-up can be asked for cheaply.
    let days = market.calendar.days
    signedUpDay =
      random.chance(0.5) ? -random.integer(1...700) : min(days - 1, random.below(days))
    signedUpAt = market.calendar.instant(
      day: signedUpDay, second: Rhythm.second(shift: 0, random: &random))
    city = random.index(weights: City.weights)
    mainCategory = random.below(Catalogue.categories.count)
    secondCategory = random.below(Catalogue.categories.count)
    visitsPerDay = min(0.8, 0.004 + 0.105 * random.gamma(shape: 0.9))
    buyProbability = 0.3 + 0.65 * random.beta(3, 2)
    cycle = random.logNormal(median: 8, spread: 0.7)
    priceSensitivity = random.beta(1.6, 2)
    impatience = random.beta(2, 2)
    usualDiscount = 0.06 + 0.12 * priceSensitivity * random.uniform(0.7...1.3)
    discountCutDay = random.chance(0.5) ? random.below(days) : .max
    response = 1 + random.gamma(shape: 1.5) * 0.5
    rhythm = random.normal() * 1.5
  }
}

/// When in a day people are in the shop.
enum Rhythm {
  /// Weights of the hours from midnight: quiet nights, peaks at noon and in the evening.
  private static let hours: [Double] = [
    20, 10, 5, 3, 2, 3, 8, 18, 30, 42, 50, 55, 68, 60, 48, 46, 46, 48, 52, 66, 88, 96, 74, 42,
  ]
  /// The hour in each of 1000 equal parts of the weight.
  private static let table: [Double] = {
    let total = hours.reduce(0, +)
    var result: [Double] = []
    for hour in hours.indices {
      let upTo = hours[...hour].reduce(0, +) / total * 1000
      while Double(result.count) < upTo.rounded() { result.append(Double(hour)) }
    }
    return result
  }()

  /// A second of the day.
  static func second(shift: Double, random: inout Random) -> Double {
    let hour = table[random.below(table.count)] + random.uniform() + shift
    return (hour - 24 * (hour / 24).rounded(.down)) * 3600
  }
}
