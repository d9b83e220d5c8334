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
    let match = NumberedKeys(of: keys, in: searched)
    var firsts = [Int32](repeating: -1, count: match.count)
    var duplicate: Int?
    for (row, number) in match.searched.enumerated() where number >= 0 {
      if firsts[Int(number)] < 0 {
        firsts[Int(number)] = Int32(row)
      } else if duplicate == nil {
        duplicate = row
      }
    }
    self.duplicate = duplicate
    rows = match.keys.map { $0 < 0 ? -1 : firsts[Int($0)] }
  }
}

/// The keys of two frames as numbers: equal numbers for equal keys.
struct NumberedKeys {
  /// The number of each row of the searched side; -1 for a key with a null.
  let searched: [Int32]
  /// The number of each looked up row; -1 for a key with a null, or that the searched side has not.
  let keys: [Int32]
  /// How many different keys the searched side has, or a few more.
  let count: Int

  init(of keys: [Column], in searched: [Column]) {
    precondition(keys.count == searched.count && !keys.isEmpty, "a key has at least one column")
    if keys.count == 1, let pair = EqualityKeys.pair(searched[0], keys[0]) {
      self.init(keys[0], pair.other, in: searched[0], pair.one)
    } else {
      self.init(grouping: keys, with: searched)
    }
  }

  /// One column, whose keys are integers on both sides.
  private init(_ keys: Column, _ values: [Int64], in searched: Column, _ others: [Int64]) {
    var index = KeyIndex(of: others)
    var numbers = [Int32](repeating: -1, count: others.count)
    for row in others.indices where !searched.isNull(row) {
      numbers[row] = index.insert(others[row])
    }
    self.searched = numbers
    var found = [Int32](repeating: -1, count: values.count)
    for row in values.indices where !keys.isNull(row) { found[row] = index.find(values[row]) }
    self.keys = found
    count = index.count
  }

  /// Several columns: both sides are grouped as one.
  private init(grouping keys: [Column], with searched: [Column]) {
    let size = searched[0].count
    let both = zip(searched, keys).map { Column.concatenating([$0, $1]) }
    let grouping = Grouping(by: both, rowCount: both[0].count)
    func number(_ row: Int) -> Int32 {
      let group = grouping.groups[row]
      let isFound = grouping.firstRows[Int(group)] < size
      return isFound && !both.contains { $0.isNull(row) } ? group : -1
    }
    self.searched = (0..<size).map(number)
    self.keys = (size..<both[0].count).map(number)
    count = grouping.count
  }
}
