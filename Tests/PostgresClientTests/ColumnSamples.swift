import Frames

/// A column's values as a frame holds them, beside their texts as Postgres writes them.
struct ColumnSample {
  let type: ColumnType
  /// The type of the table's column, where it is not `type`.
  let table: String
  let column: Column
  let texts: [String?]

  init(_ type: ColumnType, table: String? = nil, _ values: ColumnValues, _ texts: [String]) {
    self.type = type
    self.table = table ?? type.sqlName
    // A null before and after every value.
    let places = texts.indices.flatMap { [nil, $0] } + [nil]
    column = Column(
      type: type, values: values.taking(places.map { $0 ?? 0 }), validity: places.map { $0 != nil })
    self.texts = places.map { $0.map { texts[$0] } }
  }

  static let all: [ColumnSample] = [
    ColumnSample(.bool, .bool([true, false]), ["true", "false"]),
    ColumnSample(.int2, .int64([0, -1, 32767, -32768]), ["0", "-1", "32767", "-32768"]),
    ColumnSample(
      .int4, .int64([0, 2_147_483_647, -2_147_483_648]), ["0", "2147483647", "-2147483648"]),
    ColumnSample(.int4, table: "bigint", .int64([7]), ["7"]),
    ColumnSample(
      .int8, .int64([0, .max, .min]), ["0", "9223372036854775807", "-9223372036854775808"]),
    ColumnSample(
      .float4,
      .float64([0, -0.0, 1.5, .infinity, -.infinity, .nan, Double(Float.leastNonzeroMagnitude)]),
      ["0", "-0", "1.5", "Infinity", "-Infinity", "NaN", "1e-45"]),
    ColumnSample(
      .float8,
      .float64([
        0, -0.0, 0.1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
        -1e-300,
      ]),
      [
        "0", "-0", "0.1", "Infinity", "-Infinity", "NaN", "1.7976931348623157e+308", "5e-324",
        "-1e-300",
      ]),
    ColumnSample(
      .numeric(precision: 12, scale: 2), .int64([0, 1, -1, 100, 999_999_999_999, -10_050]),
      ["0.00", "0.01", "-0.01", "1.00", "9999999999.99", "-100.50"]),
    ColumnSample(
      .numeric(precision: 38, scale: 10),
      .int128([0, 5, Int128("99999999999999999999999999999999999999") ?? 0]),
      ["0.0000000000", "0.0000000005", "9999999999999999999999999999.9999999999"]),
    ColumnSample(.numeric(precision: 5, scale: 1), table: "numeric", .int64([15]), ["1.5"]),
    ColumnSample(
      .text, .text([0, 1, 2, 0], TextDictionary(["", "ä😀\n\t\\N\"", "a'b"])),
      ["", "ä😀\n\t\\N\"", "a'b", ""]),
    ColumnSample(
      .text, table: "varchar(5)", .text([0, 1], TextDictionary(["äöüß€", " x "])), ["äöüß€", " x "]),
    ColumnSample(
      .text, table: "character(4)", .text([0, 1], TextDictionary(["ab", ""])), ["ab", ""]),
    ColumnSample(.text, table: "name", .text([0], TextDictionary(["pg"])), ["pg"]),
    ColumnSample(
      .text, table: "mood", .text([1, 0], TextDictionary(["sad", "ok"])), ["ok", "sad"]),
    ColumnSample(.int4, table: "positive", .int64([1]), ["1"]),
    ColumnSample(
      .date, .int64([0, -1, .max, .min, -2_451_545, 2_145_031_948]),
      ["2000-01-01", "1999-12-31", "infinity", "-infinity", "4714-11-24 BC", "5874897-12-31"]),
    ColumnSample(
      .timestamp,
      .int64([0, 1, -1, .max, .min, -211_813_488_000_000_000, 9_223_371_331_199_999_999]),
      [
        "2000-01-01 00:00:00", "2000-01-01 00:00:00.000001", "1999-12-31 23:59:59.999999",
        "infinity", "-infinity", "4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999",
      ]),
    ColumnSample(
      .timestamptz,
      .int64([0, .max, .min, -211_813_488_000_000_000, 9_223_371_331_199_999_999]),
      [
        "2000-01-01 00:00:00+00", "infinity", "-infinity", "4714-11-24 00:00:00+00 BC",
        "294276-12-31 23:59:59.999999+00",
      ]),
    ColumnSample(
      .interval,
      .interval([
        IntervalValue(), IntervalValue(months: 14, days: -3, microseconds: 3_600_000_001),
        IntervalValue(months: .max, days: .min, microseconds: 0),
      ]),
      [
        "00:00:00", "1 year 2 mons -3 days +01:00:00.000001",
        "178956970 years 7 mons -2147483648 days",
      ]),
    ColumnSample(
      .uuid, .int128([0, -1, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef]),
      [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "01234567-89ab-cdef-0123-456789abcdef",
      ]),
    ColumnSample(
      .jsonb, .text([0, 1], TextDictionary([#"{"a": [1, null]}"#, "\"ä\""])),
      [#"{"a": [1, null]}"#, "\"ä\""]),
    ColumnSample(
      .jsonb, table: "json", .text([0], TextDictionary([#"{ "a":1,"a":2}"#])), [#"{ "a":1,"a":2}"#]),
  ]
}

extension ColumnValues {
  func taking(_ places: [Int]) -> ColumnValues {
    switch self {
    case .bool(let values): .bool(places.map { values[$0] })
    case .int64(let values): .int64(places.map { values[$0] })
    case .int128(let values): .int128(places.map { values[$0] })
    case .float64(let values): .float64(places.map { values[$0] })
    case .text(let codes, let dictionary): .text(places.map { codes[$0] }, dictionary)
    case .interval(let values): .interval(places.map { values[$0] })
    }
  }
}

extension Column {
  /// The values for comparison, nulls as nil; equal texts and bits are equal, NaN included.
  var cells: [AnyHashable?] {
    (0..<count).map { row in
      if isNull(row) { return nil }
      switch values {
      case .bool(let values): return values[row]
      case .int64(let values): return values[row]
      case .int128(let values): return values[row]
      case .float64(let values): return values[row].isNaN ? "NaN" : String(values[row])
      case .text(let codes, let dictionary): return dictionary[codes[row]]
      case .interval(let values): return values[row]
      }
    }
  }
}
