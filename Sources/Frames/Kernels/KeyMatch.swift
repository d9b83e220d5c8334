/// For each row of one frame the row of another that has the same key.
public struct KeyMatch: Sendable {
  /// The matching row for each row, -1 where there is none. A key with a null matches nothing.
  public let rows: [Int32]
  /// A row of the searched side whose key stands in an earlier row too, if there is one; of such
  /// rows the first is the one that matches.
  public let duplicate: Int?

  /// Looks up each row of `keys` among the rows of `searched`: as many columns on both sides, of
  /// types with one representation.
  public init(of keys: [Column], in searched: [Column]) {
    precondition(keys.count == searched.count && !keys.isEmpty, "a key has at least one column")
    let size = searched[0].count
    let both = zip(searched, keys).map { Column.concatenating([$0, $1]) }
    let grouping = Grouping(by: both, rowCount: both[0].count)
    rows = (size..<both[0].count).map { row in
      let first = grouping.firstRows[Int(grouping.groups[row])]
      return first < size && !both.contains { $0.isNull(row) } ? first : -1
    }
    duplicate = (0..<size).first { row in
      grouping.firstRows[Int(grouping.groups[row])] != Int32(row)
        && !both.contains { $0.isNull(row) }
    }
  }
}
