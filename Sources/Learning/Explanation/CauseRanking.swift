/// Which way a cause moves the risk. It is associated with the risk; only an experiment would show
/// that it brings it about.
public enum CauseDirection: String, Sendable, Hashable, Codable {
  case up, down
}

/// A cause of one row's risk.
public struct Cause: Sendable, Hashable, Codable {
  public var cause: String
  /// |contribution| over the sum of all causes' |contribution|, from 0 to 1.
  public var share: Double
  public var direction: CauseDirection
}

/// The causes of each row's risk, strongest first, counter-evidence included.
public struct CauseRanking: Sendable, Hashable {
  public let rowCount: Int
  private let causes: [String]
  private let kept: Int
  /// `kept` entries a row: the index of a cause, or -1 where the row has no further cause.
  private let ranked: [Int32]
  /// The share of each entry, below 0 where the cause lowers the risk.
  private let signedShares: [Float]
  /// For each row, the index of the cause that raises the risk most, or -1.
  private let top: [Int32]

  /// The cause that raises the row's risk most; nil if none raises it.
  public func topCause(row: Int) -> String? {
    top[row] < 0 ? nil : causes[Int(top[row])]
  }

  /// The row's causes by falling share. The top cause is always among them: if others that lower
  /// the risk would leave no place for it, it takes the last one.
  public subscript(row: Int) -> [Cause] {
    (row * kept..<(row + 1) * kept).compactMap { entry in
      guard ranked[entry] >= 0 else { return nil }
      let share = Double(signedShares[entry])
      return Cause(
        cause: causes[Int(ranked[entry])], share: abs(share), direction: share > 0 ? .up : .down)
    }
  }

  /// - Parameter sums: `rowCount` × `causes.count` contributions, row after row.
  init(causes: [String], sums: [Float], rowCount: Int, keeping count: Int) {
    let width = causes.count
    let kept = max(0, min(count, width))
    var ranked = [Int32](repeating: -1, count: rowCount * kept)
    var signedShares = [Float](repeating: 0, count: rowCount * kept)
    var top = [Int32](repeating: -1, count: rowCount)
    var order: [Int] = []
    order.reserveCapacity(width)
    for row in 0..<rowCount {
      let base = row * width
      let total = sums[base..<base + width].reduce(0) { $0 + abs($1) }
      // A cause that adds nothing is none. Equal ones stand in the order of the groups.
      order.removeAll(keepingCapacity: true)
      order.append(contentsOf: (0..<width).lazy.filter { sums[base + $0] != 0 })
      order.sort { a, b in
        let (x, y) = (abs(sums[base + a]), abs(sums[base + b]))
        return x == y ? a < b : x > y
      }
      if let first = order.first(where: { sums[base + $0] > 0 }) {
        top[row] = Int32(first)
        if kept > 0, !order.prefix(kept).contains(first) { order[kept - 1] = first }
      }
      for (place, cause) in order.prefix(kept).enumerated() {
        ranked[row * kept + place] = Int32(cause)
        signedShares[row * kept + place] = sums[base + cause] / total
      }
    }
    self.rowCount = rowCount
    self.causes = causes
    self.kept = kept
    self.ranked = ranked
    self.signedShares = signedShares
    self.top = top
  }
}
