import Learning

/// How much of who counts as riskiest hangs on the seed alone.
struct SeedStability: Sendable, Hashable {
  /// With more rows a second training would cost more than it tells: the seed matters where they are few.
  static let mostRows = 20_000
  /// The share of others from which a person is warned.
  private static let worrying = 0.25

  /// How many make the riskiest tenth.
  let count: Int
  /// How many of them another seed ranks outside of it.
  let others: Int

  /// - Parameters: margins of the same rows by models that differ in their seed.
  init(_ margins: [Float], _ again: [Float]) {
    count = max(1, margins.count / 10)
    let riskiest = Self.first(count, by: margins)
    others = riskiest.subtracting(Self.first(count, by: again)).count
  }

  private static func first(_ count: Int, by margins: [Float]) -> Set<Int> {
    let ranked = margins.indices.sorted { (margins[$1], $0) < (margins[$0], $1) }
    return Set(ranked.prefix(count))
  }

  private var isWorrying: Bool { Double(others) > Self.worrying * Double(count) }

  private var text: String {
    "with another seed \(others) of the \(count) riskiest that validate would be others"
  }

  var note: String? { isWorrying ? nil : text }
  var warning: String? {
    isWorrying ? text + ": who is at risk hangs on chance, and may change from night to night" : nil
  }
}
