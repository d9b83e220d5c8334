import Expressions
import Frames
import TestSupport

/// A column of generated rows: what it is called, and what may stand in it.
struct GeneratedColumn: Sendable {
  let field: Field
  let values: @Sendable (inout SeededGenerator) -> LiteralCell

  enum LiteralCell: Sendable {
    case null
    case integer(Int64)
    case wide(Int128)
    case float(Double)
    case text(String)
    case bool(Bool)
    case interval(IntervalValue)
  }

  init(
    _ name: String, _ type: ColumnType, nulls: Int = 6, labels: [String]? = nil,
    _ values: @escaping @Sendable (inout SeededGenerator) -> LiteralCell
  ) {
    field = Field(name, type, isNullable: nulls > 0, labels: labels)
    self.values = { random in
      if nulls > 0, Int.random(in: 0..<nulls, using: &random) == 0 { return .null }
      return values(&random)
    }
  }

  /// As many values as there are rows.
  func column(_ count: Int, _ random: inout SeededGenerator) -> Column {
    var builder = ColumnBuilder(type: field.type)
    for _ in 0..<count {
      switch values(&random) {
      case .null: builder.appendNull()
      case .integer(let value): builder.append(value)
      case .wide(let value) where field.type.storage == .int64: builder.append(Int64(value))
      case .wide(let value): builder.append(value)
      case .float(let value): builder.append(value)
      case .text(let value): builder.append(value)
      case .bool(let value): builder.append(value)
      case .interval(let value): builder.append(value)
      }
    }
    return builder.build()
  }
}

extension GeneratedColumn {
  static func one(
    of values: [String], _ name: String, _ type: ColumnType = .text, nulls: Int = 6,
    labels: [String]? = nil
  ) -> GeneratedColumn {
    GeneratedColumn(name, type, nulls: nulls, labels: labels) { random in
      .text(values[Int.random(in: 0..<values.count, using: &random)])
    }
  }

  static func integers(
    _ name: String, _ type: ColumnType, nulls: Int = 6, _ values: [Int64]
  ) -> GeneratedColumn {
    GeneratedColumn(name, type, nulls: nulls) { random in
      .integer(values[Int.random(in: 0..<values.count, using: &random)])
    }
  }

  /// Instants around one, to the hour, so that some are equal, with infinities at times.
  static func times(
    _ name: String, _ type: ColumnType, nulls: Int = 8, around instant: Instant, days: Int
  ) -> GeneratedColumn {
    GeneratedColumn(name, type, nulls: nulls) { random in
      switch Int.random(in: 0..<40, using: &random) {
      case 0: return .integer(.max)
      case 1: return .integer(.min)
      default:
        let hours = Int64.random(in: Int64(-days * 24)...Int64(days * 6), using: &random)
        let value = instant.microseconds + hours * 3_600_000_000
        return .integer(
          type == .date ? value / Instant.microsecondsPerDay : value)
      }
    }
  }

  static let labels = ["new", "paid", "sent", "lost"]
  static let cities = ["Kiel", "Ulm", "ulm ", "Köln", "", "東京"]

  /// The columns of orders: of every type, with repeats, nulls and the edges of their types.
  static func orders(around asOf: Instant) -> [GeneratedColumn] {
    [
      times("at", .timestamptz, nulls: 20, around: asOf, days: 60),
      times("arrived", .timestamptz, nulls: 20, around: asOf, days: 40),
      integers("owner", .int8, nulls: 12, Array(1...12)),
      integers("n", .int4, [0, 1, 2, 3, 5, -1, -7, 40, 1000, 2_147_483_647, -2_147_483_648]),
      integers("small", .int2, [0, 1, 2, 7, -3, 32767, -32768]),
      integers("big", .int8, [0, 1, -1, 9_007_199_254_740_993, .max, .min + 1]),
      GeneratedColumn("x", .float8) { .float(Double(Int.random(in: -40...400, using: &$0)) / 4) },
      GeneratedColumn("wild", .float8) { random in
        let values = [0.0, 0.1, -2.5, .nan, .infinity, -.infinity, 1e308, 1e-308, 3]
        return .float(values[Int.random(in: 0..<values.count, using: &random)])
      },
      GeneratedColumn("amount", .numeric(precision: 12, scale: 2)) {
        .wide(Int128(Int.random(in: -500...100_000, using: &$0)))
      },
      one(of: cities, "city"),
      one(of: labels, "status", labels: labels),
      GeneratedColumn("flag", .bool) { .bool(Bool.random(using: &$0)) },
      times("day", .date, around: asOf, days: 20),
      times("stamp", .timestamp, around: asOf, days: 20),
      GeneratedColumn("uid", .uuid) { random in
        .wide([1, -1, Int128.max, Int128.min, 255][Int.random(in: 0..<5, using: &random)])
      },
      GeneratedColumn("pause", .interval) { random in
        .interval(
          IntervalValue(
            months: Int32.random(in: -1...2, using: &random),
            days: Int32.random(in: -3...40, using: &random),
            microseconds: Int64.random(in: 0...3, using: &random) * 3_600_000_000))
      },
      one(of: ["{}", "[1, 2]", "{\"a\": 1}", "3", "\"text\""], "tags", .jsonb),
      one(
        of: [
          "1", " 12", "-3\t", "+7", "0x1f", "1_000", "99999999999999999999", "32768", "2147483648",
          "", "twelve", "1.5", "TRUE", " yes ", "off", "o", "t",
          "00000000-0000-0000-0000-0000000000ff", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}",
          "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ], "raw"),
      one(
        of: [
          " Ａｂｃ\u{3000}", "ﾎﾟ", "e\u{301}", "é", "\u{FEFF}x\u{200B}", "ÄÖ ü", "\t tab\n", "ﬁn",
          "it's", "", "\u{A0}nb\u{A0}", "a\u{85}",
        ], "note"),
    ]
  }

  /// The columns of customers beside their id.
  static func customers(around asOf: Instant) -> [GeneratedColumn] {
    [times("joined", .timestamptz, nulls: 30, around: asOf, days: 90), one(of: cities, "town")]
  }

  /// The columns of places, which orders are joined to by their city.
  static func places(around asOf: Instant) -> [GeneratedColumn] {
    [
      one(of: cities, "city", nulls: 9),
      one(of: ["north", "south", "east"], "region"),
      GeneratedColumn("rent", .numeric(precision: 10, scale: 2)) {
        .wide(Int128(Int.random(in: 0...9999, using: &$0)))
      },
      times("since", .timestamptz, nulls: 12, around: asOf, days: 80),
      times("until", .timestamptz, nulls: 3, around: asOf, days: 30),
    ]
  }
}
