import Frames

/// Variances and standard deviations by Welford's updates; two states are merged by the formula of Chan, Golub and LeVeque
/// (1979).
struct DeviationState: AggregateState {
  private var counts: [Double]
  private var means: [Double]
  /// Sums of squared differences from the mean.
  private var squares: [Double]
  /// Whether a value was infinite or NaN itself, so that the result may be.
  private var isSpecial: [Bool]
  private let ofPopulation: Bool
  private let isRoot: Bool

  init(
    _ column: Column, _ groups: [Int32], _ groupCount: Int, ofPopulation: Bool, isRoot: Bool
  ) {
    self.ofPopulation = ofPopulation
    self.isRoot = isRoot
    var counts = [Double](repeating: 0, count: groupCount)
    var means = counts
    var squares = counts
    var isSpecial = [Bool](repeating: false, count: groupCount)
    let values = Self.doubles(column)
    for (row, group) in groups.enumerated() where group >= 0 {
      let group = Int(group)
      counts[group] += 1
      if !values[row].isFinite { isSpecial[group] = true }
      let difference = values[row] - means[group]
      means[group] += difference / counts[group]
      squares[group] += difference * (values[row] - means[group])
    }
    self.counts = counts
    self.means = means
    self.squares = squares
    self.isSpecial = isSpecial
  }

  /// The values as floating point.
  static func doubles(_ column: Column) -> [Double] {
    let scale = column.type.exactDigits.scale
    return switch column.values {
    case .float64(let values): values
    case .int128(let values): values.map { Decimal.double($0, scale: scale) }
    default: Vector(column).int64s.values.map { Decimal.double(Int128($0), scale: scale) }
    }
  }

  mutating func merge(_ source: Int, into target: Int) {
    let total = counts[source] + counts[target]
    guard counts[source] > 0 else { return }
    let difference = means[source] - means[target]
    squares[target] +=
      squares[source] + difference * difference * counts[source] * counts[target] / total
    means[target] += difference * counts[source] / total
    counts[target] = total
    if isSpecial[source] { isSpecial[target] = true }
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let fewest: Double = ofPopulation ? 1 : 2
    let values = indices.map { group -> Double in
      guard counts[group] >= fewest else { return 0 }
      let square = squares[group] < 0 ? 0 : squares[group]
      let variance = square / (ofPopulation ? counts[group] : counts[group] - 1)
      return isRoot ? variance.squareRoot() : variance
    }
    let failed = indices.indices.first { !values[$0].isFinite && !isSpecial[indices[$0]] }
    let column = Column(
      type: type, values: .float64(values), validity: indices.map { counts[$0] >= fewest })
    return (column, failed)
  }
}
