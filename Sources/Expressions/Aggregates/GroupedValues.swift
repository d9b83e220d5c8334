/// Values laid out group after group, for states that look at all of a group.
///
/// A merged group refers to the values of those that it was merged from, so that merging copies none.
struct GroupedValues<Value: Sendable>: Sendable {
  /// Entity after entity, for each window after window, and in these in the order of the rows.
  private var values: [Value]
  /// Where the values of a group lie.
  private var ranges: [Range<Int32>]
  /// Where those of groups merged into it lie, if not right before its own.
  private var others: [Int: [Range<Int32>]] = [:]

  /// A counting sort of the rows by group.
  ///
  /// - Parameter rows: a value for each row; those of rows without a group are left out.
  init(_ rows: [Value], _ groups: [Int32], _ layout: GroupLayout) {
    var ends = [Int32](repeating: 0, count: layout.count)
    for group in groups where group >= 0 { ends[Int(group)] += 1 }
    ranges = Array(repeating: 0..<0, count: layout.count)
    var count: Int32 = 0
    // The windows of an entity lie together, for they are merged.
    for entity in 0..<layout.entities {
      for group in stride(from: entity, to: layout.count, by: layout.entities) {
        let size = ends[group]
        ends[group] = count
        ranges[group] = count..<(count + size)
        count += size
      }
    }
    guard count > 0, let filler = rows.first else {
      values = []
      return
    }
    var values = [Value](repeating: filler, count: Int(count))
    for (row, group) in groups.enumerated() where group >= 0 {
      values[Int(ends[Int(group)])] = rows[row]
      ends[Int(group)] += 1
    }
    self.values = values
  }

  /// Sorts the values of each group, before any are merged.
  mutating func sortEach(by areInOrder: (Value, Value) -> Bool) {
    let ranges = ranges
    values.withUnsafeMutableBufferPointer { values in
      for range in ranges where range.count > 1 {
        values[Int(range.lowerBound)..<Int(range.upperBound)].sort(by: areInOrder)
      }
    }
  }

  /// Other values in the places of these.
  func map<Other>(_ transform: (Value) -> Other) -> GroupedValues<Other> {
    GroupedValues<Other>(values: values.map(transform), ranges: ranges, others: others)
  }

  private init(values: [Value], ranges: [Range<Int32>], others: [Int: [Range<Int32>]]) {
    self.values = values
    self.ranges = ranges
    self.others = others
  }

  /// Windows are merged from the shortest on, each into the next group, so that their values lie
  /// together.
  mutating func merge(_ source: Int, into target: Int) {
    guard source != target else { return }
    let (added, own) = (ranges[source], ranges[target])
    if own.isEmpty {
      ranges[target] = added
    } else if added.upperBound == own.lowerBound {
      ranges[target] = added.lowerBound..<own.upperBound
    } else if !added.isEmpty {
      others[target, default: []].append(added)
    }
    if let more = others[source] { others[target, default: []] += more }
  }

  func forEach(_ group: Int, _ body: (Value) -> Void) {
    for place in ranges[group] { body(values[Int(place)]) }
    for range in others[group] ?? [] { for place in range { body(values[Int(place)]) } }
  }

  /// The values of a group in place of what stands in an array, whose memory is used again.
  func copy(_ group: Int, to all: inout [Value]) {
    all.removeAll(keepingCapacity: true)
    all += values[Int(ranges[group].lowerBound)..<Int(ranges[group].upperBound)]
    for range in others[group] ?? [] {
      all += values[Int(range.lowerBound)..<Int(range.upperBound)]
    }
  }
}
