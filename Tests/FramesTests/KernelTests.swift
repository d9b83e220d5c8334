import TestSupport
import Testing

@testable import Frames

@Suite struct KernelTests {
  static func column(_ values: [Int64?]) -> Column {
    var builder = ColumnBuilder(type: .int8)
    for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
    return builder.build()
  }

  static func column(_ values: [String?]) -> Column {
    var builder = ColumnBuilder(type: .text)
    for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
    return builder.build()
  }

  static func integers(_ column: Column?) -> [Int64?]? {
    guard let column, case .int64(let values) = column.values else { return nil }
    return values.indices.map { column.isNull($0) ? nil : values[$0] }
  }

  static func texts(_ column: Column?) -> [String?]? {
    guard let column, case .text(let codes, let dictionary) = column.values else { return nil }
    return codes.indices.map { column.isNull($0) ? nil : dictionary[codes[$0]] }
  }

  static func frame(_ a: [Int64?], _ b: [String?]) -> Frame {
    Frame(
      schema: Schema([Field("a", .int8), Field("b", .text)]), columns: [column(a), column(b)],
      rowCount: a.count)
  }

  @Test func `taking fills gaps with nulls`() {
    let taken = Self.frame([1, nil, 3], ["x", "y", nil]).taking([2, -1, 0, 1])
    #expect(Self.integers(taken["a"]) == [3, nil, 1, nil])
    #expect(Self.texts(taken["b"]) == [nil, nil, "x", "y"])
    let empty = Self.frame([], []).taking([-1])
    #expect(Self.texts(empty["b"]) == [nil])
  }

  /// Sorting by a key gives one frame whatever the order of the rows was, duplicates included.
  @Test(arguments: 0..<30) func `order depends on values only`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let rows = (0..<60).map { _ in
      (
        Int64.random(in: 0..<9, using: &random) as Int64?,
        ["b", "a", "", "ä", nil].randomElement(using: &random)!
      )
    }
    let first = Self.frame(rows.map(\.0), rows.map(\.1)).ordered(by: ["a"])
    let shuffled = rows.shuffled(using: &random)
    let second = Self.frame(shuffled.map(\.0), shuffled.map(\.1)).ordered(by: ["a"])
    #expect(Self.integers(first["a"]) == Self.integers(second["a"]))
    #expect(Self.texts(first["b"]) == Self.texts(second["b"]))
    guard case .text(let codes, _) = first.columns[1].values,
      case .text(let others, _) = second.columns[1].values
    else {
      Issue.record("text expected")
      return
    }
    #expect(codes == others)
    // The last code point comes after every text used here, as null does.
    let expected = rows.sorted { a, b in
      let left = Array((a.1 ?? "\u{10ffff}").utf8)
      let right = Array((b.1 ?? "\u{10ffff}").utf8)
      return a.0! != b.0! ? a.0! < b.0! : left.lexicographicallyPrecedes(right)
    }
    #expect(Self.texts(first["b"]) == expected.map(\.1))
  }

  @Test func `nulls come last descending too`() {
    let frame = Self.frame([2, nil, 5], ["x", "y", "z"])
    #expect(frame.order(by: [SortColumn("a")]) == [0, 2, 1])
    #expect(frame.order(by: [SortColumn("a", descending: true)]) == [2, 0, 1])
  }

  /// Small frames, and those that are large enough for the radix sort; keys of all magnitudes.
  @Test(arguments: [10, 1023, 1024, 5000], 0..<6)
  func `order agrees with a sort`(count: Int, seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let span = [Int64(3), 1000, .max][seed % 3]
    let a = (0..<count).map { _ in Int64.random(in: -span...span, using: &random) }
    let b = (0..<count).map { _ in Int64.random(in: 0..<4, using: &random) }
    let frame = Frame(
      schema: Schema([Field("a", .int8), Field("b", .int8)]),
      columns: [Self.column(a), Self.column(b)], rowCount: count)
    let isDescending = seed >= 3
    let expected = (0..<Int32(count)).sorted { x, y in
      let (i, j) = (Int(x), Int(y))
      if a[i] != a[j] { return isDescending ? a[i] > a[j] : a[i] < a[j] }
      return b[i] != b[j] ? b[i] < b[j] : x < y
    }
    #expect(frame.order(by: [SortColumn("a", descending: isDescending)]) == expected)
  }

  @Test func `groups by two columns with nulls`() {
    let grouping = Grouping(
      by: [Self.column([1, 1, nil, nil, 2]), Self.column(["x", "x", nil, nil, "x"])], rowCount: 5)
    #expect(grouping.groups == [0, 0, 1, 1, 2])
    #expect(grouping.firstRows == [0, 2, 4])
  }

  @Test func `matches keys and names duplicates`() {
    let match = KeyMatch(
      of: [Self.column(["b", "zz", nil, "a"])], in: [Self.column(["a", "b", nil, "a"])])
    #expect(match.rows == [1, -1, -1, 0])
    #expect(match.duplicate == 3)
    #expect(
      KeyMatch(of: [Self.column([1])], in: [Self.column([nil, nil] as [Int64?])]).duplicate == nil)
  }

  @Test(arguments: 0..<20) func `matching agrees with a dictionary`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let right = (0..<300).map { _ in Int64.random(in: -200..<200, using: &random) }
    let left = (0..<300).map { _ in Int64.random(in: -300..<300, using: &random) }
    let rows = Dictionary(
      right.enumerated().map { ($0.element, Int32($0.offset)) }, uniquingKeysWith: { a, _ in a })
    let match = KeyMatch(of: [Self.column(left)], in: [Self.column(right)])
    #expect(match.rows == left.map { rows[$0] ?? -1 })
    let lists = KeyLists(of: [Self.column(left)], in: [Self.column(right)])
    for (row, value) in left.enumerated() {
      #expect(Array(lists[row]) == (0..<300).filter { right[Int($0)] == value })
    }
  }

  @Test func `nulls are in no list`() {
    let keys = [Self.column(["b", nil, "c", "a"]), Self.column([1, 1, 1, nil])]
    let searched = [Self.column(["b", "b", nil, "a"]), Self.column([1, 1, 1, nil])]
    let lists = KeyLists(of: keys, in: searched)
    #expect((0..<lists.count).map { Array(lists[$0]) } == [[0, 1], [], [], []])
  }

  @Test func `floats order as Postgres orders them`() {
    let values: [Double] = [.nan, -.infinity, -1.5, -0.0, 0, 2, .infinity]
    let keys = values.map(SortKeys.ordered)
    #expect(keys[3] == keys[4])
    #expect(keys[0] > keys[6])
    #expect(keys[1] < keys[2] && keys[2] < keys[3] && keys[4] < keys[5] && keys[5] < keys[6])
  }
}
