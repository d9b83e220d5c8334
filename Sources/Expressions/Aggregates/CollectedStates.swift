import Foundation
import Frames

/// The values of each group, for aggregates that look at all of them: `count(distinct x)`, `mode`,
/// `top`, `entropy` and percentiles.
struct CollectedState: AggregateState {
  enum Result: Sendable {
    case distinctCount
    case mode
    /// The value at a place, from 1, in the order of how frequent values are.
    case ranked(Int)
    case entropy
    case discrete(Double)
    case continuous(Double)
  }

  private let result: Result
  /// The numbers of the rows' values.
  private var numbers: GroupedValues<Int32>
  /// One value of each number, ordered by value unless only their count matters.
  private let values: Column

  init(_ column: Column, _ groups: [Int32], _ layout: GroupLayout, _ result: Result) {
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
    numbers = GroupedValues(
      grouping.groups.map { numberOfValue[Int($0)] }, groups, layout)
  }

  mutating func merge(_ source: Int, into target: Int) {
    numbers.merge(source, into: target)
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    switch result {
    case .distinctCount:
      var lastSeen = [Int32](repeating: -1, count: values.count)
      let counts = indices.enumerated().map { place, group -> Int64 in
        var count: Int64 = 0
        numbers.forEach(group) { number in
          if lastSeen[Int(number)] != Int32(place) {
            lastSeen[Int(number)] = Int32(place)
            count += 1
          }
        }
        return count
      }
      return (Column(type: type, values: .int64(counts)), nil)
    case .entropy:
      let entropies = entropies(indices)
      let column = Column(
        type: type, values: .float64(entropies.map { $0 ?? 0 }),
        validity: entropies.map { $0 != nil })
      return (column, nil)
    case .mode: return (taken(mostFrequent(indices)), nil)
    case .ranked(let rank): return (taken(byFrequency(indices, at: rank)), nil)
    case .discrete(let fraction):
      var sorted: [Int32] = []
      let chosen = indices.map { group -> Int32 in
        sort(group, into: &sorted)
        if sorted.isEmpty { return -1 }
        return sorted[max(0, Int((fraction * Double(sorted.count)).rounded(.up)) - 1)]
      }
      return (taken(chosen), nil)
    case .continuous(let fraction): return (interpolated(indices, fraction, type), nil)
    }
  }

  private func sort(_ group: Int, into sorted: inout [Int32]) {
    numbers.copy(group, to: &sorted)
    sorted.sort()
  }

  /// Shannon's entropy of the values of each group, in nats; nil for no values. The terms are added
  /// up in their order, so that the order of the rows makes no difference.
  private func entropies(_ indices: [Int]) -> [Double?] {
    var counts = [Double](repeating: 0, count: values.count)
    var seen: [Int] = []
    return indices.map { group in
      var total = 0.0
      seen.removeAll(keepingCapacity: true)
      numbers.forEach(group) { each in
        let number = Int(each)
        if counts[number] == 0 { seen.append(number) }
        counts[number] += 1
        total += 1
      }
      guard total > 0 else { return nil }
      seen.sort { counts[$0] < counts[$1] }
      let entropy = seen.reduce(0.0) { $0 + counts[$1] / total * log(total / counts[$1]) }
      for number in seen { counts[number] = 0 }
      return entropy
    }
  }

  /// The number of the most frequent value of each group, the least of several; -1 for none.
  private func mostFrequent(_ indices: [Int]) -> [Int32] {
    var counts = [Int32](repeating: 0, count: values.count)
    return indices.map { group in
      numbers.forEach(group) { counts[Int($0)] += 1 }
      var best = -1
      numbers.forEach(group) { each in
        let number = Int(each)
        if best < 0 || counts[number] > counts[best]
          || (counts[number] == counts[best] && number < best)
        {
          best = number
        }
      }
      numbers.forEach(group) { counts[Int($0)] = 0 }
      return Int32(best)
    }
  }

  /// The number of the value at a rank, from 1, of each group; of equally frequent ones the least
  /// comes first; -1 where there are fewer.
  private func byFrequency(_ indices: [Int], at rank: Int) -> [Int32] {
    var counts = [Int32](repeating: 0, count: values.count)
    var seen: [Int32] = []
    return indices.map { group in
      seen.removeAll(keepingCapacity: true)
      numbers.forEach(group) { number in
        if counts[Int(number)] == 0 { seen.append(number) }
        counts[Int(number)] += 1
      }
      seen.sort { a, b in
        let (more, less) = (counts[Int(a)], counts[Int(b)])
        return more > less || (more == less && a < b)
      }
      for number in seen { counts[Int(number)] = 0 }
      return rank <= seen.count ? seen[rank - 1] : -1
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
    var sorted: [Int32] = []
    for group in indices {
      sort(group, into: &sorted)
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
