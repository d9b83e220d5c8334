import Frames
import TestSupport
import Testing

@testable import Expressions

/// Aggregates over chosen rows of a frame, which are taken in blocks, beside the same over a frame of
/// these rows alone, and windows beside groups of their own.
@Suite struct AggregateBlockTests {
  private static let schema = Schema([
    Field("category", .int4), Field("code", .int8),
    Field("amount", .numeric(precision: 12, scale: 2)),
    Field("long", .numeric(precision: 30, scale: 2)), Field("seconds", .float8),
    Field("kind", .text), Field("good", .bool),
  ])

  private static let texts = [
    "count(*)", "count(amount)", "count(*) filter (where kind = 'b')", "sum(amount)", "sum(long)",
    "sum(code)", "avg(category)", "sum(seconds)", "avg(seconds) filter (where good)",
    "min(seconds)", "max(amount)", "max(long)", "min(kind)", "bool_or(good)",
    "bool_and(good)", "share(kind = 'a')", "count(distinct category)", "count(distinct code)",
    "count(distinct kind)", "sum(100 / category) filter (where category <> 0)",
    "stddev(seconds)", "mode(kind)", "median(amount)",
  ]

  private static func frame(_ count: Int, _ random: inout SeededGenerator) -> Frame {
    var builders = schema.fields.map { ColumnBuilder(type: $0.type) }
    for row in 0..<count {
      // Categories move, so that a later block has lower ones.
      let category = Int64.random(in: 0...20, using: &random) - Int64(row / 5000) * 7
      builders[0].append(category)
      builders[1].append(Int64.random(in: -1 << 40...1 << 40, using: &random))
      if row % 11 == 0 {
        builders[2].appendNull()
      } else {
        builders[2].append(Int64.random(in: 0...1 << (row < 12_000 ? 20 : 52), using: &random))
      }
      builders[3].append(Int128.random(in: -1 << 70...1 << 70, using: &random))
      builders[4].append(Double(Int.random(in: 0...3000, using: &random)) / 7)
      builders[5].append(["a", "b", "c"].randomElement(using: &random) ?? "a")
      builders[6].append(Bool.random(using: &random))
    }
    return Frame(schema: schema, columns: builders.map { $0.build() }, rowCount: count)
  }

  @Test func `blocks make no difference`() throws {
    var random = SeededGenerator(seed: 7)
    let frame = Self.frame(20_000, &random)
    let rows = (0..<Int32(20_000)).filter { _ in Int.random(in: 0..<20, using: &random) > 0 }
    let (entities, windows) = (10, 3)
    let groups = rows.map { _ in Int32.random(in: -1..<Int32(entities * windows), using: &random) }
    for text in Self.texts {
      let expression = try aggregate(text, Self.schema)
      var blocks = try expression.accumulate(
        over: frame, rows: rows, groups: groups, groupCount: entities * windows, windows: windows,
        in: context)
      var whole = try expression.accumulate(
        over: frame.taking(rows), groups: groups, groupCount: entities * windows, in: context)
      let all = Array(0..<entities * windows)
      let apart = try blocks.finish(all, in: context)
      #expect(apart.isSame(as: try whole.finish(all, in: context)), "\(text)")
      blocks.accumulateWindows()
      for group in entities..<entities * windows { whole.merge(group - entities, into: group) }
      let together = try blocks.finish(all, in: context)
      #expect(together.isSame(as: try whole.finish(all, in: context)), "\(text), merged")
    }
  }
}

extension Column {
  /// Whether the values that are not null are the same to the bit.
  fileprivate func isSame(as other: Column) -> Bool {
    count == other.count
      && (0..<count).allSatisfy { row in
        isNull(row) == other.isNull(row)
          && (isNull(row)
            || gathered([Int32(row)]).withOrderedText.isIdentical(
              to: other.gathered([Int32(row)]).withOrderedText))
      }
  }

  /// A text by itself, for dictionaries may differ.
  private var withOrderedText: Column {
    let frame = Frame(schema: Schema([Field("x", type)]), columns: [self], rowCount: count)
    return frame.withOrderedDictionaries.columns[0]
  }
}
