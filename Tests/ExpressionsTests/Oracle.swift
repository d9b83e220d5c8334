import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

/// A table of edge values in Postgres, and the same rows as a frame.
struct Oracle: Sendable {
  /// A failure where Postgres's numeric would go on: more than 38 digits, NaN.
  static let limit = "limit"
  static let zone = "Europe/Berlin"
  static let asOf = Instant(
    microseconds: CivilDate(year: 2024, month: 3, day: 31).days * Instant.microsecondsPerDay
      - 3_600_000_000)
  static let asOfSQL = "timestamptz '2024-03-30 23:00:00+00'"

  let database: PostgresConnection
  let frame: Frame
  let context: EvaluationContext

  /// What an expression gives for a row: a value as text, or the SQLSTATE of its failure.
  enum Outcome: Equatable {
    case value(String?)
    case failure(String)
  }

  static let columns: [(name: String, type: ColumnType, values: [String])] =
    [
      ("bool", .bool, ["true", "false"]),
      ("int2", .int2, ["0", "1", "-1", "3", "32767", "-32768", "100"]),
      ("int4", .int4, ["0", "1", "2", "-1", "-3", "12", "2147483647", "-2147483648", "365"]),
      (
        "int8", .int8,
        ["0", "5", "-7", "9223372036854775807", "-9223372036854775808", "3000000000"]
      ),
      (
        "float4", .float4, ["0", "-0", "1.5", "-2.25", "NaN", "Infinity", "3.4e38", "1e-38", "0.1"]
      ),
      (
        "float8", .float8,
        [
          "0", "-0", "0.5", "1.5", "2.5", "-3.7", "NaN", "Infinity", "-Infinity", "1e308", "1e-308",
          "0.1", "123456789012345680", "1e15", "0.0001", "0.00001",
        ]
      ),
      (
        "text", .text,
        [
          "", "a", "A", " a b ", "äÖß", "İstanbul", "x%y_", "back\\slash", "12", "-3.5", "O'Neil",
          "aXaYa", "日本語テキスト", "NaN", "true", "e\u{301}a",
        ]
      ),
      (
        "date", .date,
        [
          "2000-01-01", "2024-02-29", "2024-03-31", "1999-12-31", "infinity", "-infinity",
          "2023-10-29",
        ]
      ),
      (
        "timestamp", .timestamp,
        [
          "2024-03-31 02:30:00", "2023-10-29 02:30:00", "1999-12-31 23:59:59.999999", "infinity",
          "2024-01-31 12:00:00.5", "1960-05-05 05:05:05",
        ]
      ),
      (
        "timestamptz", .timestamptz,
        [
          "2024-03-31 00:59:59+00", "2024-03-31 01:00:00+00", "2023-10-29 00:30:00+00",
          "2023-10-29 01:30:00+00", "-infinity", "2024-03-30 23:00:00+00", "1970-01-01 00:00:00+00",
        ]
      ),
      (
        "uuid", .uuid,
        [
          "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff",
          "7fffffff-0000-0000-0000-000000000000",
        ]
      ),
      (
        "interval", .interval,
        ["0", "1 day", "1 month", "30 days", "-1 year 2 days", "25:00:00", "-00:00:01.5"]
      ),
    ].flatMap { name, type, values in
      [("\(name)_a", type, values), ("\(name)_b", type, values)]
    } + [
      (
        "money", .numeric(precision: 12, scale: 2),
        ["0", "10.50", "-3.25", "9999999999.99", "0.01", "-0.05", "2.50"]
      ),
      (
        "long", .numeric(precision: 25, scale: 5),
        ["0", "1.5", "-99999999999999999999.99999", "0.00001", "123456789.12345", "2.5"]
      ),
    ]

  init(_ database: PostgresConnection, rows: Int, seed: UInt64) async throws {
    self.database = database
    context = EvaluationContext(
      asOf: Self.asOf, zone: try #require(CalendarZone(named: Self.zone)))
    var random = SeededGenerator(seed: seed)
    let texts = Self.columns.map { column in
      (0..<rows).map { _ in
        Int.random(in: 0..<6, using: &random) == 0
          ? nil : column.values.randomElement(using: &random)
      }
    }
    frame = try Self.frame(texts, rows: rows, context)
    try await Self.createTable(database, texts, rows: rows)
  }

  private static func frame(
    _ texts: [[String?]], rows: Int, _ context: EvaluationContext
  ) throws -> Frame {
    var fields: [Field] = []
    var parsed: [Column] = []
    for (column, values) in zip(columns, texts) {
      var builder = ColumnBuilder(type: .text)
      for value in values {
        if let value { builder.append(value) } else { builder.appendNull() }
      }
      let source = Frame(
        schema: Schema([Field("x", .text)]), columns: [builder.build()], rowCount: rows)
      let type = column.type.sqlName.replacing(" without time zone", with: "")
      let cast =
        column.type == .text ? "x" : column.type == .timestamptz ? "x::timestamptz" : "x::\(type)"
      let values = try typed(cast, source.schema).evaluate(over: source, in: context)
      parsed.append(withGarbageUnderNulls(values))
      fields.append(Field(column.name, column.type))
    }
    return Frame(schema: Schema(fields), columns: parsed, rowCount: rows)
  }

  /// What stands under a null is unspecified, so nothing may depend on it, or trap over it.
  private static func withGarbageUnderNulls(_ column: Column) -> Column {
    func fill<T>(_ values: [T], _ garbage: [T]) -> [T] {
      values.enumerated().map { column.isNull($0) ? garbage[$0 % garbage.count] : $1 }
    }
    let values: ColumnValues =
      switch column.values {
      case .int64(let values): .int64(fill(values, [.max - 1, .min, .min + 1, .max, -1, 77]))
      case .int128(let values): .int128(fill(values, [.max - 1, .min, -1]))
      case .float64(let values): .float64(fill(values, [.nan, -1, .infinity]))
      case .interval(let values):
        .interval(
          fill(values, [IntervalValue(months: .min, days: .max, microseconds: .min)]))
      default: column.values
      }
    return Column(type: column.type, values: values, validity: column.validity)
  }

  private static func createTable(
    _ database: PostgresConnection, _ texts: [[String?]], rows: Int
  ) async throws {
    let definitions = columns.map { "\($0.name) \($0.type.sqlName)" }.joined(separator: ", ")
    let tuples = try (0..<rows).map { row in
      let cells = try texts.map { try $0[row].map { try SQL.literal($0) } ?? "null" }
      return "(\(row), \(cells.joined(separator: ", ")))"
    }
    try await database.execute(
      script: """
        set timezone = '\(zone)';
        set extra_float_digits = 1;
        create table t (id int, \(definitions));
        insert into t values \(tuples.joined(separator: ", "));
        create function days_since(timestamptz) returns int language sql as
          $$ select case when isfinite($1) then \(asOfSQL)::date - $1::date end $$;
        create function days_since(timestamp) returns int language sql as
          $$ select case when isfinite($1) then \(asOfSQL)::date - $1::date end $$;
        create function days_since(date) returns int language sql as
          $$ select case when isfinite($1) then \(asOfSQL)::date - $1 end $$;
        create function outcome(expression text, row_id int) returns text language plpgsql as $$
          declare result text;
          begin
            execute format('select (%s)::text from t where id = $1', expression)
              into result using row_id;
            return 'value ' || result;
          exception when others then return 'failure ' || sqlstate;
          end $$;
        """)
  }

  // MARK: Outcomes

  /// Postgres's name of the type, and the outcome of each row.
  /// - Parameter zone: that of the session.
  func postgres(
    _ expression: String, zone: String = zone
  ) async throws -> (type: String, outcomes: [Outcome]) {
    if zone != Self.zone { try await database.execute(script: "set timezone = '\(zone)'") }
    let result = try await outcomes(of: expression.replacing("as_of", with: Self.asOfSQL))
    if zone != Self.zone { try await database.execute(script: "set timezone = '\(Self.zone)'") }
    return result
  }

  private func outcomes(of sql: String) async throws -> (type: String, outcomes: [Outcome]) {
    do {
      let rows = try await database.query(
        "select pg_typeof(\(sql))::text, (\(sql))::text from t order by id")
      return (try rows[0].string(0), try rows.map { .value(try $0.optionalString(1)) })
    } catch let error as PostgresError where ["22", "0A", "54"].contains(error.sqlState?.prefix(2))
    {
      let rows = try await database.query(
        "select outcome($1, id) from t order by id", [.text(sql)])
      let outcomes = try rows.map { row -> Outcome in
        guard let text = try row.optionalString(0) else { return .value(nil) }
        // By bytes: an accent may stand after the blank.
        let rest = String(decoding: text.utf8.drop { $0 != 0x20 }.dropFirst(), as: UTF8.self)
        return text.utf8.starts(with: "value".utf8) ? .value(rest) : .failure(rest)
      }
      return ("", outcomes)
    }
  }

  /// Ours, for the rows all at once or, if one fails, one by one.
  func ours(_ expression: TypedExpression, shownIn zone: CalendarZone? = nil) -> [Outcome] {
    let zone = zone ?? context.zone
    if let column = try? expression.evaluate(over: frame, in: context) {
      return (0..<frame.rowCount).map { .value(text(column, $0, zone)) }
    }
    return (0..<frame.rowCount).map { row in
      let single = Frame(
        schema: frame.schema, columns: frame.columns.map { $0.gathered([Int32(row)]) }, rowCount: 1)
      do throws(EvaluationError) {
        return .value(text(try expression.evaluate(over: single, in: context), 0, zone))
      } catch {
        let isLimit = [Kernel.tooLong, Kernel.notFinite].contains(error.message)
        return .failure(isLimit ? Self.limit : error.kind.rawValue)
      }
    }
  }

  func text(_ column: Column, _ row: Int, _ zone: CalendarZone? = nil) -> String? {
    column.isNull(row) ? nil : TextCasts.printed(column, row, zone ?? context.zone)
  }

  /// The expression as it is printed from its types, with the zone of the session that it needs.
  func printed(_ expression: TypedExpression) throws -> (sql: String, zone: CalendarZone) {
    var spelling = SQLSpelling(asOf: .instant(Self.asOf), zone: context.zone)
    if let sql = try? expression.sql(in: .postgres, spelling) { return (sql, .utc) }
    spelling.isZoneOfSession = true
    return (try expression.sql(in: .postgres, spelling), context.zone)
  }
}
