import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

/// Aggregates printed as SQL. That what is printed means the same is proved in AggregateTests.
@Suite struct AggregatePrintingTests {
  private static let schema = Schema(
    shopSchema.fields + [Field("mood", .text, labels: ["sad", "ok", "glad"])])
  private static let spelling = SQLSpelling(
    asOf: .instant(noon2024), zone: .utc, column: { "o." + Dialect.postgres.identifier($0) })

  private func printed(_ text: String, _ rows: SQLRows = SQLRows()) throws -> String {
    try aggregate(text, Self.schema, orderedBy: "ordered_at")
      .sql(in: .postgres, Self.spelling, of: rows)
  }

  @Test(arguments: [
    ("count(*)", "count(*) filter (where w)"),
    (
      "count(distinct city) filter (where quantity > 1)",
      "count(distinct o.city) filter (where (w) and (o.quantity > 1))"
    ),
    (
      "sum(amount) / nullif(count(*), 0)",
      """
      sum(o.amount) filter (where w)::double precision \
      / nullif(count(*) filter (where w), 0)::double precision
      """
    ),
    (
      "avg(quantity)",
      """
      sum(o.quantity) filter (where w)::double precision \
      / count(o.quantity) filter (where w)::double precision
      """
    ),
    ("min(city)", "min(o.city collate \"C\") filter (where w) collate \"default\""),
    (
      "last(city)",
      """
      (array_agg(o.city order by o.city is null, o.ordered_at desc, o.id desc) \
      filter (where (w) and o.ordered_at is not null))[1]
      """
    ),
    (
      "percentile_cont(0.9) within group (order by amount)",
      "percentile_cont(0.9) within group (order by o.amount::double precision) filter (where w)"
    ),
    (
      "count(*) filter (where 10 / quantity > 1)",
      "count(*) filter (where ((w) is true) and ((10 / o.quantity) > 1))"
    ),
    (
      "share(city = 'Kiel')",
      "avg((o.city = 'Kiel')::integer::double precision) filter (where w)"
    ),
  ])
  func `an aggregate is printed over the rows of its group`(text: String, sql: String) throws {
    #expect(try printed(text, SQLRows(filter: "w", order: ["o.id"])) == sql)
  }

  @Test(arguments: [
    ("count(*) filter (where sentiment(city) > 0)", "sentiment", "sentiment(city)"),
    ("max(city::timestamptz)", "a text as an instant", "city::timestamptz"),
    ("top('a', 1)", "top of a literal", "'a'"),
  ])
  func `what a dialect cannot say is named with its place`(
    text: String, function: String, place: String
  ) throws {
    let error = try #require(throws: Unprintable.self) { try printed(text) }
    #expect(error.function == function && error.span.text == place)
  }

  @Test(arguments: [
    ("sum(amount) + 1", "sum( amount )+1", true), ("sum(amount)", "sum(discount)", false),
    ("sum(amount)", "avg(amount)", false), ("count(city)", "count(distinct city)", false),
    ("sessions('30 minutes')", "sessions('1800 s')", true), ("top(city, 1)", "top(city, 2)", false),
    ("count(*)", "count(*) filter (where quantity > 1)", false),
    ("stddev(amount)", "stddev_samp(amount)", true),
    ("every(quantity > 1)", "bool_and(quantity > 1)", true),
    ("hour_share(1, 2)", "hour_share(1, 3)", false),
    ("open_carts(city, kind = 'a', '1 day')", "open_carts(city, kind = 'b', '1 day')", false),
  ])
  func `aggregates are equal where they mean the same`(a: String, b: String, same: Bool) throws {
    let first = try aggregate(a, Self.schema, orderedBy: "ordered_at")
    let second = try aggregate(b, Self.schema, orderedBy: "ordered_at")
    #expect((first == second) == same)
    #expect(!same || first.hashValue == second.hashValue)
  }

  /// Of an enum the places of labels are aggregated, and of texts the bytes, whatever the database's order.
  @Test func `enums and texts keep their order`() async throws {
    let rows = ["ok", "glad", "sad", "glad", "sad", nil].enumerated().map { place, mood in
      (mood: mood, name: ["a", "B", "ä", "Z", "a", "B"][place])
    }
    let schema = Schema([
      Field("mood", .text, labels: ["sad", "ok", "glad"]), Field("name", .text), Field("at", .date),
    ])
    var builders = schema.fields.map { ColumnBuilder(type: $0.type) }
    for (place, row) in rows.enumerated() {
      if let mood = row.mood { builders[0].append(mood) } else { builders[0].appendNull() }
      builders[1].append(row.name)
      builders[2].append(Int64(place))
    }
    let frame = Frame(schema: schema, columns: builders.map { $0.build() }, rowCount: rows.count)
    try await withDatabase { database in
      let tuples = rows.enumerated().map { place, row in
        "(\(row.mood.map { "'\($0)'" } ?? "null"), '\(row.name)', date '2000-01-01' + \(place))"
      }
      try await database.connection.execute(
        script: """
          create type mood as enum ('sad', 'ok', 'glad');
          create table t (mood mood, name text collate "en-x-icu", at date);
          insert into t select mood::mood, name, at
          from (values \(tuples.joined(separator: ", "))) v(mood, name, at);
          """)
      for text in [
        "max(mood)", "min(mood)", "mode(mood)", "top(mood, 1)", "top(mood, 2)", "last(mood)",
        "percentile_disc(0.5) within group (order by mood)", "max(mood) > 'ok'",
        "count(distinct mood)",
        "max(name)", "min(name)", "mode(name)", "top(name, 2)", "top(name, 3)",
        "percentile_disc(0.5) within group (order by name)", "upper(max(name))", "entropy(name)",
      ] {
        let expression = try aggregate(text, schema, orderedBy: "at")
        let states = try expression.accumulate(
          over: frame, groups: rows.map { _ in 0 }, groupCount: 1, in: context)
        let ours = try states.finish([0], in: context)
        let sql = try expression.sql(
          in: .postgres,
          SQLSpelling(
            asOf: .instant(noon2024), zone: .utc, column: { $0 == "mood" ? "mood::text" : $0 }))
        let theirs = try await database.connection.query("select (\(sql))::text from t")
        #expect(
          try TextCasts.printed(ours, 0, .utc) == theirs[0].optionalString(0), "\(text), as \(sql)")
      }
    }
  }
}
