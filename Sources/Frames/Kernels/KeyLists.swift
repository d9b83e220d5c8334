/// For each row of one frame all rows of another that have the same key.
public struct KeyLists: Sendable {
  /// The group of each looked up row; -1 where its key has a null.
  private let groups: [Int32]
  /// Where the rows of each group begin in `rows`, and at the end where the last one ends.
  private let starts: [Int]
  /// Rows of the searched side by group, within one in their order.
  private let rows: [Int32]

  /// Looks up each row of `keys` among the rows of `searched`: as many columns on both sides, of
  /// types with one representation. A key with a null matches nothing.
  public init(of keys: [Column], in searched: [Column]) {
    precondition(keys.count == searched.count && !keys.isEmpty, "a key has at least one column")
    let size = searched[0].count
    let both = zip(searched, keys).map { Column.concatenating([$0, $1]) }
    let grouping = Grouping(by: both, rowCount: both[0].count)
    func hasNull(_ row: Int) -> Bool { both.contains { $0.isNull(row) } }
    var starts = [Int](repeating: 0, count: grouping.count + 1)
    for row in 0..<size where !hasNull(row) { starts[Int(grouping.groups[row]) + 1] += 1 }
    for group in 0..<grouping.count { starts[group + 1] += starts[group] }
    var next = starts
    var rows = [Int32](repeating: 0, count: starts[grouping.count])
    for row in 0..<size where !hasNull(row) {
      let group = Int(grouping.groups[row])
      rows[next[group]] = Int32(row)
      next[group] += 1
    }
    groups = (size..<both[0].count).map { hasNull($0) ? -1 : grouping.groups[$0] }
    self.starts = starts
    self.rows = rows
  }

  /// How many rows were looked up.
  public var count: Int { groups.count }

  /// The rows that a looked up row matches, in their order.
  public subscript(row: Int) -> ArraySlice<Int32> {
    let group = Int(groups[row])
    return group < 0 ? [] : rows[starts[group]..<starts[group + 1]]
  }
}
