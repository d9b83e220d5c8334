import Frames

/// Everything dated that concerns many people at once: what a good analysis of causes should find.
struct Market: Sendable {
  let calendar: HistoryCalendar
  let catalogue: Catalogue
  let campaigns: [Campaign]
  let competitorCampaigns: [CompetitorCampaign]
  let priceRises: [PriceRise]
  let courierTroubles: [CourierTrouble]
  /// How much is bought on each day, 1 on average.
  let demand: [Double]
  let seed: UInt64
  /// By category and day.
  private let recentRises: [[Double]]
  private let temptations: [[Bool]]

  /// A competitor tempts the buyers of one category for some days.
  struct CompetitorCampaign: Sendable {
    let category: Int
    let days: Range<Int>
  }

  /// From a day on, a category costs more.
  struct PriceRise: Sendable {
    let category: Int
    let day: Int
    let share: Double
  }

  /// For some weeks, parcels to a city are often late.
  struct CourierTrouble: Sendable {
    let city: Int
    let days: Range<Int>
  }

  init(calendar: HistoryCalendar, seed: UInt64) {
    var random = Random(seed: seed, purpose: .market)
    self.calendar = calendar
    self.seed = seed
    catalogue = Catalogue(random: &random)
    let days = calendar.days
    // Counted back from the end, so that the last months, where models are judged, have some of each.
    competitorCampaigns = stride(from: 25, to: days, by: 45).map { back in
      let first = days - back - random.below(10)
      return CompetitorCampaign(
        category: random.below(Catalogue.categories.count), days: first..<(first + 20))
    }
    priceRises = stride(from: 50, to: days, by: 65).map { back in
      PriceRise(
        category: random.below(Catalogue.categories.count), day: days - back - random.below(20),
        share: random.uniform(0.08...0.15))
    }
    courierTroubles = stride(from: 35, to: days, by: 30).map { back in
      let first = days - back - random.below(10)
      return CourierTrouble(city: random.below(City.all.count), days: first..<(first + 30))
    }
    recentRises = Catalogue.categories.indices.map { [priceRises] category in
      (0..<days).map { day in
        priceRises.lazy.filter { $0.category == category && ($0.day..<($0.day + 60)).contains(day) }
          .reduce(0) { $0 + $1.share }
      }
    }
    temptations = Catalogue.categories.indices.map { [competitorCampaigns] category in
      (0..<days).map { day in
        competitorCampaigns.contains { $0.category == category && $0.days.contains(day) }
      }
    }
    campaigns = Campaign.all(in: calendar)
    demand = (0..<days).map { Self.demand(on: $0, calendar: calendar) }
  }

  private static func demand(on day: Int, calendar: HistoryCalendar) -> Double {
    let date = calendar.date(day).components
    let weekend = calendar.weekday(day) >= 5 ? 1.2 : 0.93
    switch (date.month, date.day) {
    case (11, 9...12), (6, 16...19): return weekend * 1.6
    case (12, 11...13), (3, 7...8): return weekend * 1.3
    default: return weekend
    }
  }

  /// The price of a product on a day: before each rise of its category it was lower.
  func cents(of product: Product, day: Int) -> Int64 {
    var price = Double(product.cents)
    for rise in priceRises where rise.category == product.category && day < rise.day {
      price /= 1 + rise.share
    }
    return Int64(price.rounded())
  }

  /// By how much a category has become dearer in the last 60 days, as a share.
  func recentRise(of category: Int, day: Int) -> Double { recentRises[category][day] }

  /// Whether a competitor tempts the buyers of a category on a day.
  func competitorTempts(_ category: Int, day: Int) -> Bool { temptations[category][day] }

  /// Whether parcels ordered for a city on a day are often late.
  func courierTrouble(in city: Int, day: Int) -> Bool {
    courierTroubles.contains { $0.city == city && $0.days.contains(day) }
  }
}
