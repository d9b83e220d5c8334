/// For each row of one frame all rows of another that have the same key.
public struct KeyLists: Sendable {
  /// The number of each looked up row's key; -1 where nothing matches.
  private let numbers: [Int32]
  /// Where the rows of each number begin in `rows`, and at the end where the last one ends.
  private let starts: [Int]
  /// Rows of the searched side by number, within one in their order.
  private let rows: [Int32]

  /// Looks up each row of `keys` among the rows of `searched`: as many columns on both sides, of
  /// types with one representation. A key with a null matches nothing.
  public init(of keys: [Column], in searched: [Column]) {
    let match = NumberedKeys(of: keys, in: searched)
    var starts = [Int](repeating: 0, count: match.count + 1)
    for number in match.searched where number >= 0 { starts[Int(number) + 1] += 1 }
    for number in 0..<match.count { starts[number + 1] += starts[number] }
    var next = starts
    var rows = [Int32](repeating: 0, count: starts[match.count])
    for (row, number) in match.searched.enumerated() where number >= 0 {
      rows[next[Int(number)]] = Int32(row)
      next[Int(number)] += 1
    }
    numbers = match.keys
    self.starts = starts
    self.rows = rows
  }

  /// How many rows were looked up.
  public var count: Int { numbers.count }

  /// The rows that a looked up row matches, in their order.
  public subscript(row: Int) -> ArraySlice<Int32> {
    let number = Int(numbers[row])
    return number < 0 ? [] : rows[starts[number]..<starts[number + 1]]
  }
}
