import Frames

/// The values of each group, for aggregates that look at all of them: `count(distinct x)`, `mode`
/// and percentiles.
///
/// Values are numbers of distinct values, laid out group after group. A merged group refers to the
/// values of those that it was merged from, so that merging copies none.
struct CollectedState: AggregateState {
  enum Result: Sendable {
    case distinctCount
    case mode
    case discrete(Double)
    case continuous(Double)
  }

  private let result: Result
  /// The numbers, in the order of the groups; in a group in the order of the rows.
  private let numbers: [Int32]
  /// The parts of `numbers` that a group has.
  private var parts: [[Range<Int32>]]
  /// One value of each number, ordered by value unless only their count matters.
  private let values: Column

  init(_ column: Column, _ groups: [Int32], _ groupCount: Int, _ result: Result) {
    self.result = result
    let grouping = Grouping(by: [column], rowCount: groups.count)
    var representatives = column.gathered(grouping.firstRows)
    var numberOfValue = Array(0..<Int32(grouping.count))
    if case .distinctCount = result {
    } else {
      let frame = Frame(
        schema: Schema([Field("x", column.type)]), columns: [representatives],
        rowCount: grouping.count)
      let order = frame.order(by: [SortColumn("x")])
      for (rank, value) in order.enumerated() { numberOfValue[Int(value)] = Int32(rank) }
      representatives = representatives.gathered(order)
    }
    values = representatives
    // A counting sort of the rows by group.
    var ends = [Int32](repeating: 0, count: groupCount + 1)
    for group in groups where group >= 0 { ends[Int(group) + 1] += 1 }
    for group in 0..<groupCount { ends[group + 1] += ends[group] }
    parts = (0..<groupCount).map { group in
      ends[group] < ends[group + 1] ? [ends[group]..<ends[group + 1]] : []
    }
    var numbers = [Int32](repeating: 0, count: Int(ends[groupCount]))
    for (row, group) in groups.enumerated() where group >= 0 {
      numbers[Int(ends[Int(group)])] = numberOfValue[Int(grouping.groups[row])]
      ends[Int(group)] += 1
    }
    self.numbers = numbers
  }

  mutating func merge(_ source: Int, into target: Int) {
    if source != target { parts[target] += parts[source] }
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    switch result {
    case .distinctCount:
      var lastSeen = [Int32](repeating: -1, count: values.count)
      let counts = indices.enumerated().map { place, group -> Int64 in
        var count: Int64 = 0
        forEach(group) { number in
          if lastSeen[number] != Int32(place) {
            lastSeen[number] = Int32(place)
            count += 1
          }
        }
        return count
      }
      return (Column(type: type, values: .int64(counts)), nil)
    case .mode: return (taken(mostFrequent(indices)), nil)
    case .discrete(let fraction):
      let chosen = indices.map { group -> Int32 in
        let sorted = sorted(group)
        if sorted.isEmpty { return -1 }
        return sorted[max(0, Int((fraction * Double(sorted.count)).rounded(.up)) - 1)]
      }
      return (taken(chosen), nil)
    case .continuous(let fraction): return (interpolated(indices, fraction, type), nil)
    }
  }

  private func forEach(_ group: Int, _ body: (Int) -> Void) {
    for part in parts[group] { for place in part { body(Int(numbers[Int(place)])) } }
  }

  private func sorted(_ group: Int) -> [Int32] {
    var all: [Int32] = []
    for part in parts[group] { all += numbers[Int(part.lowerBound)..<Int(part.upperBound)] }
    all.sort()
    return all
  }

  /// The number of the most frequent value of each group, the least of several; -1 for none.
  private func mostFrequent(_ indices: [Int]) -> [Int32] {
    var counts = [Int32](repeating: 0, count: values.count)
    return indices.map { group in
      forEach(group) { counts[$0] += 1 }
      var best = -1
      forEach(group) { number in
        if best < 0 || counts[number] > counts[best]
          || (counts[number] == counts[best] && number < best)
        {
          best = number
        }
      }
      forEach(group) { counts[$0] = 0 }
      return Int32(best)
    }
  }

  /// Values by number; null where there is none.
  private func taken(_ numbers: [Int32]) -> Column {
    if values.count == 0 {
      var builder = ColumnBuilder(type: values.type)
      for _ in numbers { builder.appendNull() }
      return builder.build()
    }
    let column = values.gathered(numbers.map { max(0, $0) })
    return Column(type: column.type, values: column.values, validity: numbers.map { $0 >= 0 })
  }

  /// Between the two values around the place of the fraction, as Postgres computes it.
  private func interpolated(_ indices: [Int], _ fraction: Double, _ type: ColumnType) -> Column {
    let doubles = DeviationState.doubles(values)
    var results: [Double?] = []
    for group in indices {
      let sorted = sorted(group)
      guard !sorted.isEmpty else {
        results.append(nil)
        continue
      }
      let place = fraction * Double(sorted.count - 1)
      let low = doubles[Int(sorted[Int(place.rounded(.down))])]
      let high = doubles[Int(sorted[Int(place.rounded(.up))])]
      let isExact = place.rounded(.down) == place.rounded(.up)
      results.append(isExact ? low : low + (place - place.rounded(.down)) * (high - low))
    }
    return Column(
      type: type, values: .float64(results.map { $0 ?? 0 }), validity: results.map { $0 != nil })
  }
}

/// `first` and `last`: the row of each group with the least or greatest time.
struct TimedState: AggregateState {
  private var rows: [Int32]
  private let times: [Int64]
  private let values: Column
  /// The places of the rows in the order of their values.
  private let ranks: [Int32]
  private let isLast: Bool

  /// - Parameter times: not null for rows that count.
  init(
    _ column: Column, _ times: [Int64], _ groups: [Int32], _ groupCount: Int, isLast: Bool
  ) {
    values = column
    self.times = times
    self.isLast = isLast
    let grouping = Grouping(by: [column], rowCount: groups.count)
    let frame = Frame(
      schema: Schema([Field("x", column.type)]), columns: [column.gathered(grouping.firstRows)],
      rowCount: grouping.count)
    var rankOfValue = [Int32](repeating: 0, count: grouping.count)
    for (rank, value) in frame.order(by: [SortColumn("x")]).enumerated() {
      rankOfValue[Int(value)] = Int32(rank)
    }
    ranks = grouping.groups.map { rankOfValue[Int($0)] }
    rows = Array(repeating: -1, count: groupCount)
    for (row, group) in groups.enumerated() where group >= 0 { take(Int32(row), Int(group)) }
  }

  private mutating func take(_ row: Int32, _ group: Int) {
    guard row >= 0 else { return }
    let current = rows[group]
    guard current >= 0 else {
      rows[group] = row
      return
    }
    let (new, old) = (Int(row), Int(current))
    let isLater =
      times[new] > times[old] || (times[new] == times[old] && ranks[new] > ranks[old])
    let isEarlier =
      times[new] < times[old] || (times[new] == times[old] && ranks[new] < ranks[old])
    if isLast ? isLater : isEarlier { rows[group] = row }
  }

  mutating func merge(_ source: Int, into target: Int) { take(rows[source], target) }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let chosen = indices.map { rows[$0] }
    guard values.count > 0 else {
      var builder = ColumnBuilder(type: type)
      for _ in indices { builder.appendNull() }
      return (builder.build(), nil)
    }
    let column = values.gathered(chosen.map { max(0, $0) })
    return (
      Column(type: type, values: column.values, validity: chosen.map { $0 >= 0 }), nil
    )
  }
}
