/// Values laid out group after group, for states that look at all of a group.
///
/// A merged group refers to the values of those that it was merged from, so that merging copies none.
struct GroupedValues<Value: Sendable>: Sendable {
  /// In the order of the groups; in a group in the order of the rows.
  private let values: [Value]
  /// The parts of `values` that a group has.
  private var parts: [[Range<Int32>]]

  /// A counting sort of the rows by group.
  ///
  /// - Parameter rows: a value for each row; those of rows without a group are left out.
  init(_ rows: [Value], _ groups: [Int32], _ groupCount: Int) {
    var ends = [Int32](repeating: 0, count: groupCount + 1)
    for group in groups where group >= 0 { ends[Int(group) + 1] += 1 }
    for group in 0..<groupCount { ends[group + 1] += ends[group] }
    parts = (0..<groupCount).map { group in
      ends[group] < ends[group + 1] ? [ends[group]..<ends[group + 1]] : []
    }
    let count = Int(ends[groupCount])
    guard count > 0, let filler = rows.first else {
      values = []
      return
    }
    var values = [Value](repeating: filler, count: count)
    for (row, group) in groups.enumerated() where group >= 0 {
      values[Int(ends[Int(group)])] = rows[row]
      ends[Int(group)] += 1
    }
    self.values = values
  }

  mutating func merge(_ source: Int, into target: Int) {
    if source != target { parts[target] += parts[source] }
  }

  func forEach(_ group: Int, _ body: (Value) -> Void) {
    for part in parts[group] { for place in part { body(values[Int(place)]) } }
  }

  /// The values of a group, those of one part after those of another.
  subscript(group: Int) -> [Value] {
    var all: [Value] = []
    for part in parts[group] { all += values[Int(part.lowerBound)..<Int(part.upperBound)] }
    return all
  }
}
