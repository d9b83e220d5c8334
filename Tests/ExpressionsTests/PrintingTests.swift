import Diagnostics
import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

/// Typed expressions printed as SQL. That what is printed means the same is proved in DifferentialTests.
@Suite struct PrintingTests {
  private static let berlin = CalendarZone(named: "Europe/Berlin") ?? .utc
  private static let spelling = SQLSpelling(asOf: .instant(noon2024), zone: berlin)

  private static let schema = Schema(
    shopSchema.fields + [
      Field("Order", .int8), Field("mood", .text, labels: ["sad", "ok", "glad"]),
      Field("arrived", .timestamp), Field("pause", .interval), Field("user", .uuid),
    ])

  private func printed(_ text: String, _ spelling: SQLSpelling = spelling) throws -> String {
    try typed(text, Self.schema).sql(in: .postgres, spelling)
  }

  @Test(arguments: [
    ("quantity > 2 and city = 'Kiel'", "(quantity > 2) and (city = 'Kiel')"),
    ("amount / quantity", "amount::double precision / quantity::double precision"),
    ("amount > 5", "amount > 5::numeric"),
    ("amount * 1.50 - -3", "(amount * 1.50) - (-3)::numeric"),
    ("quantity in (1, 2, 3)", "quantity in (1, 2, 3)"),
    ("city not in ('Kiel', 'O''Hara')", "city not in ('Kiel', 'O''Hara')"),
    ("city in (status, kind)", "(city = status) or (city = kind)"),
    ("quantity not between 2 and 5", "quantity not between 2 and 5"),
    ("city < 'L'", "(city collate \"C\") < 'L'"),
    ("greatest(city, kind)", "greatest(city collate \"C\", kind) collate \"default\""),
    ("coalesce(amount, 0)", "coalesce(amount, 0::numeric(12,2))"),
    (
      "case when quantity > 1 then 'many' end",
      "case when quantity > 1 then 'many' else null::text end"
    ),
    ("\"Order\" + 1", "\"Order\" + 1"), ("user is null", "\"user\" is null"),
    ("scores.churn_probability", "\"scores.churn_probability\""),
    ("ordered_at::date", "(ordered_at at time zone 'Europe/Berlin')::date"),
    ("arrived < ordered_at", "(arrived at time zone 'Europe/Berlin') < ordered_at"),
    ("date_trunc('month', ordered_at)", "date_trunc('month', ordered_at, 'Europe/Berlin')"),
    ("extract(hour from ordered_at)", "extract(hour from ordered_at at time zone 'Europe/Berlin')"),
    (
      "ordered_at > as_of - interval '7 days'",
      """
      ordered_at > (((timestamptz '2024-03-31 00:00:00+00' at time zone 'Europe/Berlin') \
      - interval '7 days') at time zone 'Europe/Berlin')
      """
    ),
    (
      "as_of - ordered_at < '12 hours'",
      "(timestamptz '2024-03-31 00:00:00+00' - ordered_at) < interval '12:00:00'"
    ),
    (
      "days_since(born)",
      "date '2024-03-31' - nullif(nullif(born, date 'infinity'), date '-infinity')"
    ),
    ("regexp_like(city, '^k', 'i')", "city ~* '^k'"), ("city !~ '\\d'", "city !~ '\\d'"),
    ("city like '50!%%' escape '!'", "city like '50!%%' escape '!'"),
    ("nullif(quantity, 0)", "nullif(quantity, 0)"), ("'1e3'::float8", "'1000'::double precision"),
    ("trim(lower(city)) || '!'", "btrim(lower(city)) || '!'"),
    (
      "mood > 'sad'",
      """
      coalesce(array_position(array['sad', 'ok', 'glad'], mood), \
      ('no label of the enum: ' || mood)::integer) > \
      coalesce(array_position(array['sad', 'ok', 'glad'], 'sad'), \
      ('no label of the enum: ' || 'sad')::integer)
      """
    ),
  ])
  func `an expression is printed from its types`(text: String, sql: String) throws {
    #expect(try printed(text) == sql)
  }

  @Test func `who prints says how columns and the as-of are written`() throws {
    let spelling = SQLSpelling(
      asOf: .sql("$1"), zone: .utc, column: { "o." + Dialect.postgres.identifier($0) })
    #expect(
      try printed("days_since(ordered_at) < \"Order\" or ordered_at > as_of", spelling) == """
        ((($1 at time zone 'UTC')::date - nullif(nullif((o.ordered_at at time zone 'UTC')::date, \
        date 'infinity'), date '-infinity')) < o."Order") or (o.ordered_at > $1)
        """)
  }

  @Test(arguments: [
    ("quantity > 1 and sentiment(city) > 0", "sentiment", "sentiment(city)"),
    ("lower(city || ordered_at::text)", "an instant as text", "ordered_at::text"),
    ("city::timestamptz > as_of", "a text as an instant", "city::timestamptz"),
    ("ordered_at + pause", "an instant and an interval that is no literal", "ordered_at + pause"),
  ])
  func `what a dialect cannot say is named with its place`(
    text: String, function: String, place: String
  ) throws {
    let error = try #require(throws: Unprintable.self) { try printed(text) }
    #expect(error.function == function)
    #expect(error.span.text == place)
    #expect(error.description == "not expressible in Postgres: \(function)")
  }

  @Test func `in a session of the zone more can be said`() throws {
    var spelling = Self.spelling
    spelling.isZoneOfSession = true
    #expect(try printed("ordered_at::text", spelling) == "ordered_at::text")
    #expect(try printed("ordered_at + pause", spelling) == "ordered_at + pause")
    #expect(try printed("city::timestamptz", spelling) == "city::timestamptz")
  }

  /// A function that is added is printed, or said to be none of Postgres's, but not forgotten.
  @Test func `of every function it is known whether Postgres has it`() throws {
    let grammar = PostgresGrammar()
    var missing: Set<String> = []
    for function in Function.names.compactMap(Function.named) {
      for signature in function.signatures {
        let nodes = signature.parameters.map { parameter in
          switch parameter {
          case .exactly(let type): TypedNode.constant(.null(type), range: 0..<0)
          case .numeric:
            TypedNode.constant(.null(.numeric(precision: 9, scale: 2)), range: 0..<0)
          case .printed: TypedNode.constant(.null(.text), range: 0..<0)
          case .literal(let type):
            type == .text
              ? TypedNode.constant(.constant(.text) { $0.append("year") }, range: 0..<0)
              : TypedNode.constant(.constant(type) { $0.append(Int64(1)) }, range: 0..<0)
          }
        }
        let id = FunctionID(name: .function(function.name), takes: nodes.map(\.type))
        let call = PrintedCall(
          id: id, arguments: nodes.map { _ in SQLTerm("x") }, nodes: nodes, type: .text,
          spelling: Self.spelling)
        do throws(Inexpressible) { _ = try grammar.call(call) } catch {
          missing.insert(error.function)
        }
      }
    }
    #expect(missing == ["sentiment"])
  }

  @Test(arguments: [
    ("quantity > 2", "  quantity  >  2", true), ("quantity > 2", "quantity > 3", false),
    ("quantity > 2", "quantity >= 2", false), ("amount > 2", "quantity > 2", false),
    ("amount > 2", "amount > 2.0", false), ("city in ('a', 'b')", "city = 'a' or city = 'b'", true),
    ("city ~ 'a'", "city ~ 'b'", false), ("city ~ 'a'", "city ~* 'a'", false),
    ("city ~ 'a'", "city like 'a'", false), ("trim(city)", "btrim(city)", true),
    ("round(amount)", "round(amount, 1)", false), ("'NaN'::float8", "'nan'::float8", true),
    ("'0'::float8", "'-0'::float8", false), ("'é'", "'e\u{301}'", false),
    ("quantity::int8", "quantity::int4", false), ("mood", "mood::text", false),
    ("date_trunc('day', ordered_at)", "date_trunc('week', ordered_at)", false),
    ("case when quantity > 1 then 1 else 2 end", "case when quantity > 1 then 2 else 1 end", false),
    ("as_of", "ordered_at", false), ("coalesce(quantity, 1)", "nullif(quantity, 1)", false),
  ])
  func `expressions are equal where they mean the same`(a: String, b: String, same: Bool) throws {
    let (first, second) = (try typed(a, Self.schema), try typed(b, Self.schema))
    #expect((first == second) == same)
    #expect(!same || first.hashValue == second.hashValue)
  }

  /// The order of an enum, and that of texts in a database whose own order is another one.
  @Test func `enums and texts keep their order`() async throws {
    let schema = Schema([
      Field("mood", .text, labels: ["sad", "ok", "glad"]), Field("name", .text),
      Field("other", .text),
    ])
    let rows: [[String?]] = [
      ["ok", "a", "B"], ["glad", "Z", "ä"], ["sad", "b", "a"], [nil, "B", "b"], ["glad", nil, "A"],
    ]
    let columns = (0..<3).map { place in
      var builder = ColumnBuilder(type: .text)
      for row in rows {
        if let text = row[place] { builder.append(text) } else { builder.appendNull() }
      }
      return builder.build()
    }
    let frame = Frame(schema: schema, columns: columns, rowCount: rows.count)
    try await withDatabase { database in
      let tuples = try rows.map { row in
        "(" + (try row.map { try $0.map { try SQL.literal($0) } ?? "null" }).joined(separator: ",")
          + ")"
      }
      try await database.connection.execute(
        script: """
          create type mood as enum ('sad', 'ok', 'glad');
          create table t (id serial, mood mood, name text collate "en-x-icu", other text collate "en-x-icu");
          insert into t (mood, name, other) values
          \(tuples.joined(separator: ", ").replacing("'sad'", with: "'sad'::mood"));
          """)
      let spelling = SQLSpelling(
        asOf: .instant(noon2024), zone: .utc, column: { $0 == "mood" ? "mood::text" : $0 })
      for text in [
        "mood > 'sad'", "mood between 'ok' and 'glad'", "greatest(mood, 'ok')", "least('ok', mood)",
        "mood = 'glad'", "mood::text < 'o'", "name < other", "name > 'a'", "greatest(name, other)",
        "least(name, other) < greatest(other, 'a')", "lower(greatest(name, other))",
        "name between other and 'z'", "name is distinct from other", "coalesce(mood, 'ok') >= 'ok'",
      ] {
        let expression = try typed(text, schema)
        let ours = try expression.evaluate(over: frame, in: context)
        let sql = try expression.sql(in: .postgres, spelling)
        let theirs = try await database.connection.query("select (\(sql))::text from t order by id")
        for row in rows.indices {
          let value = ours.isNull(row) ? nil : TextCasts.printed(ours, row, .utc)
          #expect(try value == theirs[row].optionalString(0), "row \(row) of \(text), as \(sql)")
        }
      }
      let unknown = try typed("mood > 'sad'", schema).sql(
        in: .postgres, SQLSpelling(asOf: .instant(noon2024), zone: .utc, column: { _ in "'new'" }))
      await #expect(throws: PostgresError.self) {
        try await database.connection.query("select \(unknown)")
      }
    }
  }
}
