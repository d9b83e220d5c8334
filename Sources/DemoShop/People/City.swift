/// Where people live, and how well parcels get there.
struct City: Sendable {
  let name: String
  /// In proportion to the people who live there.
  let weight: Double
  /// The share of parcels that come late in quiet times.
  let lateShare: Double

  static let all: [City] = [
    City(name: "Shanghai", weight: 18, lateShare: 0.05),
    City(name: "Beijing", weight: 16, lateShare: 0.06),
    City(name: "Guangzhou", weight: 12, lateShare: 0.06),
    City(name: "Shenzhen", weight: 12, lateShare: 0.05),
    City(name: "Chengdu", weight: 10, lateShare: 0.10),
    City(name: "Hangzhou", weight: 9, lateShare: 0.04),
    City(name: "Wuhan", weight: 8, lateShare: 0.09),
    City(name: "Xi'an", weight: 6, lateShare: 0.12),
    City(name: "Harbin", weight: 4, lateShare: 0.16),
    City(name: "Urumqi", weight: 3, lateShare: 0.22),
  ]

  static let weights = all.map(\.weight)
}
