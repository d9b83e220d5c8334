import Frames

/// The slope of the least-squares line through values over time, per day of 24 hours. The sums are
/// updated and merged as those of variances (Chan, Golub and LeVeque, 1979).
struct SlopeState: AggregateState {
  private struct Sums {
    var count = 0.0
    var meanTime = 0.0
    var meanValue = 0.0
    /// Of squared differences of the times from their mean.
    var squares = 0.0
    /// Of products of both differences.
    var products = 0.0
    /// Whether a value was infinite or NaN itself, so that the slope may be.
    var isSpecial = false

    mutating func add(_ other: Self) {
      guard other.count > 0 else { return }
      let total = count + other.count
      let weight = count * other.count / total
      let time = other.meanTime - meanTime
      let value = other.meanValue - meanValue
      squares += other.squares + time * time * weight
      products += other.products + time * value * weight
      meanTime += time * other.count / total
      meanValue += value * other.count / total
      count = total
      isSpecial = isSpecial || other.isSpecial
    }
  }

  private var sums: [Sums]

  init(_ values: Column, _ times: RowTimes, _ groups: [Int32], _ groupCount: Int) {
    var sums = [Sums](repeating: Sums(), count: groupCount)
    let values = DeviationState.doubles(values)
    for (row, group) in times.groups(groups).enumerated() where group >= 0 {
      sums[Int(group)].add(
        Sums(
          count: 1, meanTime: Double(times.microseconds[row]), meanValue: values[row],
          isSpecial: !values[row].isFinite))
    }
    self.sums = sums
  }

  mutating func merge(_ source: Int, into target: Int) { sums[target].add(sums[source]) }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let validity = indices.map { sums[$0].squares > 0 }
    let slopes = indices.map { group -> Double in
      guard sums[group].squares > 0 else { return 0 }
      if sums[group].isSpecial { return .nan }
      return sums[group].products / sums[group].squares * Double(Instant.microsecondsPerDay)
    }
    let failed = indices.indices.first { !slopes[$0].isFinite && !sums[indices[$0]].isSpecial }
    return (Column(type: type, values: .float64(slopes), validity: validity), failed)
  }
}
