import Testing

/// Values at the edges of their types, from the source to what is published: each ends in what Postgres
/// has, or in an error that names the column.
@Suite struct HostileValuesTests {
  private static let extract =
    "  rows: { extract: { from: shop, table: shop.rows, key: id, timeless: fixed, non_finite: keep } }\n"
  private static let write =
    "\n  publish: { write: { input: out, table: marketing.out, key: id } }"

  /// Publishes what the stage `out` makes of `shop.rows`.
  private func publish(
    _ project: TestProject, _ rows: String, _ out: String, fails: Bool = false
  ) async throws -> String {
    try await project.sql("CREATE SCHEMA shop; CREATE TABLE shop.rows \(rows)")
    try project.write(stages: Self.extract + out + Self.write)
    let checked = try await project.check()
    guard checked.errors.isEmpty else { return checked.text }
    let ran = try await project.run(expecting: fails ? .failed : .succeeded)
    return ran.outcome.error ?? ""
  }

  @Test func `numbers at the edges`() async throws {
    try await withProject { project in
      let error = try await publish(
        project,
        """
        (id int8, f float8, g float4, n numeric, w numeric(38,10), x numeric(50,20), s numeric(3,-2));
        INSERT INTO shop.rows VALUES
          (-9223372036854775808, 'NaN', 'NaN', 'NaN', 9999999999999999999999999999.9999999999, 1e29, 99900),
          (9223372036854775807, 'Infinity', '-Infinity', '-Infinity',
            -9999999999999999999999999999.9999999999, -1e-20, -100),
          (0, '-0', '-0', 0, 0.0000000001, 0, 0),
          (1, 5e-324, 1.4e-45, 1e-300, 1, 1, NULL), (2, 1.7976931348623157e308, 3.4028235e38, 1e300, 2, 2, 4949),
          (3, NULL, NULL, NULL, NULL, NULL, NULL)
        """,
        """
          out:
            clean:
              input: rows
              steps:
                - set:
                    { minus: -f, is_more: f > 1e30, sign: "case when f < 0 then -1 else 1 end",
                      negated: -w, rounded: "round(w, 2)", root: "sqrt(abs(f))" }
        """)
      #expect(error == "")
      #expect(
        try await project.difference(
          "SELECT id, f, g, n, w, x, s, minus, is_more, sign, negated, rounded, root FROM marketing.out_current",
          """
          SELECT id, f, g, n::float8, w, x::float8, s::numeric(5,0), -f, f > 1e30,
            CASE WHEN f < 0 THEN -1 ELSE 1 END, -w, round(w, 2), sqrt(abs(f)) FROM shop.rows
          """) == [])
    }
  }

  @Test func `aggregates of NaN and infinities`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users AS SELECT i::int8 AS id, timestamptz '2020-01-01' AS since
          FROM generate_series(1, 5) i;
        CREATE TABLE shop.rows (n int8, id int8, f float8, at timestamptz);
        INSERT INTO shop.rows SELECT row_number() OVER (), id, f, '2026-05-30' FROM (VALUES
          (1, float8 'NaN'), (1, 1), (2, 'Infinity'), (2, 5), (3, 'Infinity'), (3, '-Infinity'),
          (4, NULL), (4, '-0'), (4, 0)) v (id, f);
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: id, time: since } }
            rows: { extract: { from: shop, table: shop.rows, key: n, time: at, non_finite: keep } }
            out:
              features:
                entity: users.id
                windows: [7d]
                from:
                  rows:
                    windowed: { sum: sum(f), least: min(f), most: max(f), mean: avg(f), number: count(f) }
            publish: { write: { input: out, table: marketing.out, key: id } }
          """)
      try await project.run()
      #expect(
        try await project.difference(
          "SELECT id, sum_7d, least_7d, most_7d, mean_7d, number_7d FROM marketing.out_current",
          """
          SELECT users.id, sum(f), min(f), max(f), avg(f), count(f)
          FROM shop.users LEFT JOIN shop.rows USING (id) GROUP BY 1
          """) == [])
    }
  }

  @Test(arguments: [
    (
      "numeric(12,2)", "'NaN'",
      "has NaN in one row, that of id 2, which an exact decimal cannot hold"
    ),
    ("numeric", "1e400", "has in row 2 a value out of range"),
  ]) func `decimals that cannot be held`(type: String, value: String, message: String)
    async throws
  {
    try await withProject { project in
      let error = try await publish(
        project, "(id int8, price \(type)); INSERT INTO shop.rows VALUES (1, 1), (2, \(value))",
        "  out: { clean: { input: rows } }", fails: true)
      #expect(error.contains("column \"price\" \(message)"), "\(error)")
    }
  }

  @Test func `rows with NaN in a decimal are counted, and the first is named by its key`()
    async throws
  {
    try await withProject(settings: "hash_key: ${ROOST_HASH_KEY}") { project in
      var project = project
      project.environment["ROOST_HASH_KEY"] = "a key for hashes in tests"
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.sales (shop text, sale int8, at timestamptz, price numeric(12,2));
        INSERT INTO shop.sales SELECT 'north', i, '2026-01-01', i FROM generate_series(1, 20000) i;
        UPDATE shop.sales SET price = 'NaN' WHERE sale IN (17, 900, 19000);
        """)
      func failure(_ extract: String) async throws -> String {
        try project.write(
          stages: """
              sales: { extract: { from: shop, \(extract), time: at } }
              out: { clean: { input: sales } }
            """)
        return try await project.run(expecting: .failed).outcome.error ?? ""
      }
      let named = try await failure("table: shop.sales, key: [shop, sale]")
      #expect(
        named.contains(
          "column \"price\" has NaN in 3 rows, the first of them that of shop north, sale 17, which an "
            + "exact decimal cannot hold"), "\(named)")
      #expect(
        named.contains(#"SELECT …, nullif("price", 'NaN') AS "price" FROM "shop"."sales""#),
        "\(named)")
      // A key that may not be told is not.
      let hashed = try await failure(
        "sql: select * from shop.sales, key: [shop, sale], personal: [shop], hash: [shop]")
      #expect(hashed.contains("has NaN in 3 rows, which") && !hashed.contains("north"), "\(hashed)")
      // What the message says to write is read.
      try project.write(
        stages: """
            sales: { extract: { from: shop, sql: "select shop, sale, at, nullif(price, 'NaN') as price from shop.sales", key: [shop, sale], time: at } }
            publish: { write: { input: sales, table: marketing.sales, key: [shop, sale] } }
          """)
      try await project.run()
      #expect(
        try await project.difference(
          "SELECT shop, sale, price FROM marketing.sales_current",
          "SELECT shop, sale, nullif(price, 'NaN') FROM shop.sales") == [])
    }
  }

  @Test func `NaN and infinity of floating point are counted and read as null, refused, or kept`()
    async throws
  {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.rows (id int8, f float8, n numeric, g float8 NOT NULL DEFAULT 1);
        INSERT INTO shop.rows VALUES (1, 'NaN', 1), (2, 'Infinity', 'NaN'), (3, 3, 3), (4, NULL, NULL);
        """)
      func stages(_ more: String) -> String {
        """
          rows: { extract: { from: shop, table: shop.rows, key: id, timeless: fixed\(more) } }
          publish: { write: { input: rows, table: marketing.out, key: id } }
        """
      }
      func published() async throws -> [String] {
        try await project.texts(
          "SELECT concat_ws(' ', id, coalesce(f::text, '-'), coalesce(n::text, '-')) FROM marketing.out_current ORDER BY id"
        )
      }
      try project.write(stages: stages(""))
      let nulls = try await project.run()
      let rows = try #require(nulls.result(of: "rows"))
      #expect(
        rows.warnings.contains {
          $0.hasPrefix("2 rows have NaN or infinity in f, which was read as null")
        })
      #expect(rows.warnings.contains { $0.hasPrefix("1 rows have NaN or infinity in n") })
      #expect(rows.details["non_finite"] == .object(["f": 2, "n": 1]))
      #expect(try await published() == ["1 - 1", "2 - -", "3 3 3", "4 - -"])

      try project.write(stages: stages(", non_finite: keep"))
      let kept = try await project.run()
      #expect(
        kept.result(of: "rows")?.notes.contains("2 rows have NaN or infinity in f") == true)
      #expect(
        try await published() == ["1 NaN 1", "2 Infinity NaN", "3 3 3", "4 - -"])

      try project.write(stages: stages(", non_finite: refuse"))
      let refused = try await project.run(expecting: .failed).outcome.error ?? ""
      #expect(
        refused.contains(
          "column \"f\" has NaN or infinity in 2 of 4 rows, the first of them that of id 1"),
        "\(refused)")
      // Where no null may stand, none is put there.
      try await project.sql("UPDATE shop.rows SET g = '-Infinity' WHERE id = 3")
      try project.write(stages: stages(""))
      let strict = try await project.run(expecting: .failed).outcome.error ?? ""
      #expect(strict.contains("column \"g\" has NaN or infinity in 1 of 4 rows"), "\(strict)")
    }
  }

  @Test(arguments: ["f * 2", "f + f", "exp(f)", "(f::numeric(20,2))"])
  func `results beyond their type stop the run`(expression: String) async throws {
    try await withProject { project in
      let error = try await publish(
        project, "(id int8, f float8); INSERT INTO shop.rows VALUES (1, 1), (2, 1.7e308)",
        "  out: { clean: { input: rows, steps: [ { set: { g: \"\(expression)\" } } ] } }",
        fails: true)
      #expect(error.contains("out of range") || error.contains("overflow"), "\(error)")
    }
  }

  private static let instants = """
    (id int8, d date, t timestamp, z timestamptz);
    INSERT INTO shop.rows VALUES
      (1, '4714-11-24 BC', '4714-11-24 00:00:00 BC', '4714-11-24 00:00:00+00 BC'),
      (2, '0001-01-01', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00'),
      (3, '5874897-12-31', '294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00'),
      (4, 'infinity', 'infinity', 'infinity'), (5, '-infinity', '-infinity', '-infinity'),
      (6, '2026-05-31', '2026-05-31 23:59:59.999999', '2026-05-31 23:59:59.999999+00'),
      (7, '2026-06-01', '2026-06-01 00:00:00', '2026-06-01 00:00:00+00'), (8, NULL, NULL, NULL),
      (9, '294277-01-01', '1901-02-28 BC', '1582-10-10 00:00:00+00')
    """

  @Test func `times at the edges`() async throws {
    try await withProject { project in
      let error = try await publish(
        project, Self.instants,
        """
          out:
            clean:
              input: rows
              steps:
                - set: { later: "t > timestamp '2026-01-01'", same: "d = date '0001-01-01'", least: "greatest(d, date '2026-01-01')" }
        """)
      #expect(error == "")
      #expect(
        try await project.difference(
          "SELECT id, d, t, z, later, same, least FROM marketing.out_current",
          """
          SELECT id, d, t, z, t > '2026-01-01', d = '0001-01-01', greatest(d, '2026-01-01')
          FROM shop.rows
          """) == [])
    }
  }

  /// As the time of the rows they decide what is seen, in a zone of its own too.
  @Test(arguments: ["d", "t", "z"], ["UTC", "America/New_York", "Asia/Shanghai"])
  func `times at the edges decide what is known`(time: String, zone: String) async throws {
    try await withProject { project in
      try await project.sql(
        "CREATE SCHEMA shop; CREATE TABLE shop.rows "
          + Self.instants)
      try project.write(
        stages: """
            rows: { extract: { from: shop, table: shop.rows, key: id, time: \(time) } }
            out:
              features:
                entity: rows.id
                windows: [7d, 36500d]
                from:
                  rows:
                    windowed: { number: count(*) }
                    ever: { since: days_since(max(\(time))), all: count(*) }
            kept: { clean: { input: rows, steps: [ { deduplicate: { by: id } } ] } }
            publish: { write: { input: kept, table: marketing.kept, key: id } }
            publish_features: { write: { input: out, table: marketing.out, key: id } }
          """, timezone: zone)
      let ran = try await project.run()
      #expect(ran.outcome.error == nil)
      // Far from the as-of the zone does not matter, and Postgres cannot bring it in.
      let known = """
        CASE WHEN \(time) > '2100-01-01' THEN false WHEN \(time) < '1900-01-01' THEN true
          ELSE \(time)\(time == "z" ? "" : "::timestamp AT TIME ZONE '\(zone)'") < asof END
        """
      let asOf = "(SELECT timestamp '2026-06-01' AT TIME ZONE '\(zone)') a (asof)"
      #expect(
        try await project.difference(
          "SELECT id, d, t, z FROM marketing.kept_current",
          "SELECT id, d, t, z FROM shop.rows, \(asOf) WHERE \(known)") == [])
      #expect(
        try await project.difference(
          "SELECT id, number_7d FROM marketing.out_current",
          """
          SELECT id, (\(time) >= '2026-05-25')::int::int8 FROM shop.rows, \(asOf) WHERE \(known)
          """) == [])
    }
  }

  @Test func `texts of any length and kind`() async throws {
    try await withProject { project in
      let error = try await publish(
        project,
        """
        (id int8, t text, c char(5), v varchar(3), n name, j json, b jsonb);
        INSERT INTO shop.rows VALUES
          (1, repeat('a long text ä ', 10000), 'ab', 'abc', 'n', '{"a":  1, "a": 2}', '{"b":1,"a":2}'),
          (2, repeat('X', 1000) || E'\\x01\\x7f\\t\\r\\n\\\\', '', '', '', '"x"', '[]'),
          (3, '', NULL, NULL, NULL, NULL, NULL), (4, NULL, '     ', '  ', ' ', 'null', 'null'),
          (5, U&'\\+01F600 \\0301\\FEFF\\200B\\FFFF', 'é', 'éàü', 'é', '1e400', '1e400'),
          (6, ' \\N ''"$$%s', '\\', '\\.', '\\', '"\\\\"', '"\\""')
        """,
        """
          out:
            clean:
              input: rows
              steps:
                - set: { low: lower(t), size: length(t), same: "t || c = t" }
                - normalize: { columns: v, form: nfkc, trim: true }
        """)
      #expect(error == "")
      #expect(
        try await project.difference(
          "SELECT id, md5(t), c, v, n, j::text, b, md5(low), size, same FROM marketing.out_current",
          """
          SELECT id, md5(t), c::text, btrim(normalize(v, NFKC)), n::text, j::jsonb::text, b, md5(lower(t)), length(t),
            t || c = t
          FROM shop.rows
          """) == [])
    }
  }

  @Test func `texts of 20 MB`() async throws {
    try await withProject { project in
      let error = try await publish(
        project,
        """
        (id int8, t text); INSERT INTO shop.rows VALUES
          (1, repeat('20 MB of text ä ', 1250000)), (2, repeat('20 MB of text ä ', 1250000)), (3, '')
        """,
        "  out: { clean: { input: rows, steps: [ { deduplicate: { by: t, order: id } } ] } }")
      #expect(error == "")
      #expect(
        try await project.difference(
          "SELECT id, md5(t) FROM marketing.out_current",
          "SELECT id, md5(t) FROM shop.rows WHERE id > 1") == [])
    }
  }

  /// Postgres's json may hold what its jsonb and its text cannot.
  @Test func `a NUL in json is refused by name`() async throws {
    try await withProject { project in
      let error = try await publish(
        project, "(id int8, j json); INSERT INTO shop.rows VALUES (1, '\"\\u0000\"')",
        "  out: { clean: { input: rows } }", fails: true)
      #expect(error.contains("column j") && error.contains("\\u0000"), "\(error)")
    }
  }
}
