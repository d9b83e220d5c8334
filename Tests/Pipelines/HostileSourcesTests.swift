import PostgresClient
import TestSupport
import Testing

/// Tables, columns, encodings and privileges of all sorts: each is read as Postgres reads it, or refused
/// by name before anything runs.
@Suite struct HostileSourcesTests {
  private static let pipeline = """
      rows: { extract: { from: shop, table: shop.rows, key: id, timeless: fixed } }
      publish: { write: { input: rows, table: marketing.out, key: id } }
    """

  /// Publishes `shop.rows` and compares all columns.
  private func publish(
    _ project: TestProject, _ script: String, as expected: String = "* FROM shop.rows",
    stages: String = Self.pipeline
  ) async throws {
    try await project.sql("CREATE SCHEMA shop; \(script)")
    try project.write(stages: stages)
    try await project.run()
    try await project.sql(
      """
      CREATE TABLE found AS SELECT * FROM marketing.out_current;
      ALTER TABLE found DROP as_of, DROP run_id;
      """)
    #expect(try await project.difference("TABLE found", "SELECT \(expected)") == [])
    #expect(try await project.count("found") > 0)
  }

  /// What a check says of `shop.rows`.
  private func refusal(_ project: TestProject, _ script: String) async throws -> String {
    try await project.sql("CREATE SCHEMA shop; \(script)")
    try project.write(stages: Self.pipeline)
    return try await project.check().text
  }

  @Test(arguments: [
    "int4[]", "text[]", "shop.pair", "int4range", "tstzmultirange", "bytea", "money", "inet",
    "bit(3)",
    "point", "time", "timetz", "oid", "xid", "\"char\"", "xml", "tsvector", "regclass",
    "shop.pairs",
    "shop.ranges", "jsonpath", "pg_lsn",
  ])
  func `types that cannot be held are refused by name`(type: String) async throws {
    try await withProject { project in
      let text = try await refusal(
        project,
        """
        CREATE TYPE shop.pair AS (a int, b text);
        CREATE DOMAIN shop.pairs AS int4[]; CREATE DOMAIN shop.ranges AS int4range;
        CREATE TABLE shop.rows (id int8, odd \(type))
        """)
      #expect(text.contains("column \"odd\" has type "), "\(text)")
      #expect(text.contains("cast it in the query, as in odd::text"), "\(text)")
    }
  }

  @Test func `enums and domains are what they are made of`() async throws {
    try await withProject { project in
      try await publish(
        project,
        """
        CREATE TYPE shop.level AS ENUM ('gold', 'Silber ''x''', '');
        CREATE DOMAIN shop.money AS numeric(12,2) CHECK (value >= 0);
        CREATE DOMAIN shop.dear AS shop.money DEFAULT 1;
        CREATE DOMAIN shop.grade AS shop.level;
        CREATE TABLE shop.rows (id int8, l shop.level, m shop.money, d shop.dear, g shop.grade);
        INSERT INTO shop.rows VALUES (1, 'gold', 1.25, 3, ''), (2, 'Silber ''x''', NULL, 0.01, NULL)
        """, as: "id, l::text, m::numeric(12,2), d::numeric(12,2), g::text FROM shop.rows")
    }
  }

  @Test func `columns that no stage uses need no type that can be read, and no grant`() async throws
  {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop; CREATE TYPE shop.pair AS (a int, b text);
        CREATE TABLE shop.users (
          user_id int8 NOT NULL, at timestamptz NOT NULL, name text, tags text[], home point, ip inet,
          balance money, bits bit(3), pair shop.pair);
        INSERT INTO shop.users VALUES (1, '2026-01-01', 'a', '{x}'), (2, '2026-01-01', 'b', NULL);
        """)
      func stages(_ more: String = "", _ step: String = "") -> String {
        """
          users: { extract: { from: shop, table: shop.users, key: user_id, time: at\(more) } }
          named: { clean: { input: users, steps: [ { set: { size: length(name) } }\(step) ] } }
          f: { features: { entity: users.user_id, from: { named: { ever: { size: max(size) } } } } }
          publish: { write: { input: f, table: marketing.out, key: user_id } }
        """
      }
      try project.write(stages: stages())
      let checked = try await project.check()
      #expect(checked.errors.isEmpty, "\(checked.text)")
      #expect(
        checked.text.contains(
          "note[R0432]: columns of shop.users that cannot be read are left out, and no stage uses them: "
            + "tags (text[]), home (point), ip (inet), balance (money), bits (bit), pair (shop.pair)"
        ),
        "\(checked.text)")
      try await project.run()
      #expect(try await project.count("marketing.out_current") == 2)
      // The night after the shop adds one goes as the one before.
      try await project.sql("ALTER TABLE shop.users ADD interests text[]")
      try await project.run(asOf: "2026-06-02")
      // A stage that names one is told why not.
      for (more, step, message) in [
        (
          "", ", { set: { x: \"home is null\" } }",
          "the column 'home' is of type point, which cannot be read"
        ),
        (
          ", changes: [tags]", "",
          "the column 'tags' of stage 'users' is of type text[], which cannot be read"
        ),
      ] {
        try project.write(stages: stages(more, step))
        let refused = try await project.check()
        #expect(refused.text.contains(message), "\(refused.text)")
      }
      // What all columns of are published must not lose one in silence.
      try project.write(
        stages: stages()
          + "\n  all: { write: { input: users, table: marketing.all, key: user_id } }")
      let whole = try await project.check()
      #expect(
        whole.text.contains(
          "error[R0502]: columns have types that cannot be read: \"tags\" (text[])")
          && whole.text.contains("stage 'all' publishes all columns"), "\(whole.text)")
    }
  }

  @Test func `texts that only their collation finds equal are warned of`() async throws {
    try await withProject { project in
      let has = try await project.count("pg_collation WHERE collprovider = 'i'") > 0
      guard has else { return }
      let text = try await refusal(
        project,
        """
        CREATE COLLATION shop.folding (
          provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE shop.rows (id int8 NOT NULL, name text COLLATE shop.folding, t text)
        """)
      #expect(
        text.contains("warning[R0433]: the collation of 'name' finds texts equal that differ"),
        "\(text)")
      #expect(text.contains("lower(name) AS name") && !text.contains("'t'"))
    }
  }

  @Test func `personal columns of any name are known and let through`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.rows ("row id" int8 NOT NULL, "seen-at" timestamptz, "e-mail" text,
          "Größe" int4, changed text);
        INSERT INTO shop.rows VALUES (1, '2026-01-01', 'a', 7, 'x'), (2, '2027-01-01', 'b', 8, 'y');
        """)
      let extract =
        #"{ from: shop, table: shop.rows, key: row id, time: seen-at, personal: ["e-mail"], changes: [Größe], split_by: row id }"#
      func stages(_ more: String) -> String {
        """
          rows: { extract: \(extract) }
          seen: { clean: { input: rows, steps: [ { set: { id: '"row id"', size: '"Größe"' } } ] } }
          out: { write: { input: seen, table: marketing.out, key: id\(more) } }
        """
      }
      try project.write(stages: stages(""))
      let refused = try await project.check()
      #expect(
        refused.text.contains("'e-mail' is personal data and would be published: rows.e-mail"),
        "\(refused.text)")
      try project.write(stages: stages(#", allow_personal: { "e-mail": a test }"#))
      try await project.run()
      #expect(
        try await project.texts(
          #"SELECT concat_ws(' ', id, "e-mail", size, "seen-at" < as_of) FROM marketing.out_current"#
        )
          == ["1 a 7 t"])
    }
  }

  @Test func `tables of every sort`() async throws {
    let sorts = [
      """
      CREATE TABLE shop.rows (a text, id int8, b int, c text);
      ALTER TABLE shop.rows DROP b, DROP a, ADD d numeric(4,1) DEFAULT 2.5;
      INSERT INTO shop.rows VALUES (1, 'x'), (2, NULL)
      """,
      """
      CREATE TABLE shop.rows (id int8, t text) PARTITION BY RANGE (id);
      CREATE TABLE shop.part_2 (t text, gone int, id int8); ALTER TABLE shop.part_2 DROP gone;
      CREATE TABLE shop.part_1 PARTITION OF shop.rows FOR VALUES FROM (0) TO (10);
      ALTER TABLE shop.rows ATTACH PARTITION shop.part_2 FOR VALUES FROM (10) TO (20);
      INSERT INTO shop.rows SELECT i, 'row ' || i FROM generate_series(1, 19) i
      """,
      """
      CREATE TABLE shop.rows (id int8, t text); CREATE TABLE shop.child (more int) INHERITS (shop.rows);
      INSERT INTO shop.rows VALUES (1, 'a'); INSERT INTO shop.child VALUES (2, 'b', 3)
      """,
      "CREATE VIEW shop.rows AS SELECT i::int8 AS id, i::text AS t FROM generate_series(1, 9) i",
      "CREATE MATERIALIZED VIEW shop.rows AS SELECT i::int8 AS id FROM generate_series(1, 9) i",
      """
      CREATE UNLOGGED TABLE shop.rows (id int8 GENERATED ALWAYS AS IDENTITY, t text COLLATE "C",
        u text GENERATED ALWAYS AS (upper(t)) STORED); INSERT INTO shop.rows (t) VALUES ('a'), ('b')
      """,
    ]
    for sort in sorts {
      try await withProject { project in try await publish(project, sort) }
    }
  }

  @Test func `foreign tables, where the wrapper is there`() async throws {
    try await withProject { project in
      let has = try await project.count("pg_available_extensions WHERE name = 'file_fdw'")
      guard has == 1 else { return }
      try await publish(
        project,
        """
        CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
        CREATE FOREIGN TABLE shop.rows (id int8, t timestamptz) SERVER files
          OPTIONS (program 'printf "1\\t2026-01-02\\n3\\t2026-01-04\\n"')
        """, stages: Self.pipeline.replacing("timeless: fixed", with: "time: t"))
    }
  }

  @Test func `names of every sort`() async throws {
    let names = [
      "select", "Order", "a\"b", " ", "$1", "-- x", "日本語",
      "é" + String(repeating: "ü", count: 30),
      "a;b", "'", "\\", "table", "100%", "CTID", "{x}", "tab\there", "new\nline", "as", "user",
    ]
    try await withProject { project in
      let columns = try names.map { "\(try SQL.identifier($0)) int4 DEFAULT 7" }
      try await publish(
        project,
        """
        CREATE TABLE shop.rows (id int8, \(columns.joined(separator: ", ")));
        INSERT INTO shop.rows VALUES (1), (2)
        """)
      // In expressions they stand in quotes.
      try project.write(
        stages: """
            rows: { extract: { from: shop, table: shop.rows, key: id, timeless: fixed } }
            more:
              clean:
                input: rows
                steps: [ { set: { sum: '"select" + "Order" + "a""b" + "日本語" + " "' } } ]
                expect: [ { not_null: ["日本語", "select"] }, { between: { "user": [7, 7] } } ]
            publish: { write: { input: more, table: marketing.more, key: id } }
          """)
      try await project.run()
      #expect(try await project.texts("SELECT sum FROM marketing.more_current") == ["35", "35"])
    }
  }

  @Test func `a table of 1,600 columns, and what can be published of it`() async throws {
    try await withProject { project in
      let columns = (1...1599).map { "c\($0) bool" }.joined(separator: ", ")
      try await project.sql(
        """
        CREATE SCHEMA shop; CREATE TABLE shop.rows (id int2, \(columns));
        INSERT INTO shop.rows (id, c1, c800, c1599) VALUES (1, true, NULL, false), (2, NULL, true, true)
        """)
      try project.write(
        stages: """
            rows: { extract: { from: shop, table: shop.rows, key: id, timeless: fixed } }
            users: { extract: { from: shop, sql: "SELECT id, now() AS at FROM shop.rows", key: id, timeless: x } }
            out:
              features:
                entity: users.id
                from: { rows: { ever: { a: bool_or(c1), b: bool_or(c800), c: bool_or(c1599) } } }
            publish: { write: { input: out, table: marketing.few, key: id } }
          """)
      try await project.run()
      #expect(
        try await project.difference(
          "SELECT id, a, b, c FROM marketing.few_current",
          "SELECT id, c1, c800, c1599 FROM shop.rows") == [])
      try project.write(stages: Self.pipeline)
      let text = try await project.check().text
      #expect(text.contains("1600"), "\(text)")
    }
  }

  @Test func `a table without columns has no key`() async throws {
    try await withProject { project in
      let text = try await refusal(project, "CREATE TABLE shop.rows ()")
      #expect(text.contains("stage 'rows' has no column 'id'"), "\(text)")
    }
  }

  /// Without rows nothing can be learned; everything else is empty.
  @Test func `no rows at all`() async throws {
    try await withProject { project in
      try await project.sql(SmallShop.schema)
      try project.write(stages: SmallShop.stages)
      let ran = try await project.run(expecting: .failed)
      let error = ran.outcome.error ?? ""
      #expect(error.hasPrefix("stage churn failed:"), "\(error)")
      let features = try project.write(
        "features.yaml",
        "pipeline: features\nstages:\n"
          + SmallShop.stages.split(separator: "\n", omittingEmptySubsequences: false)
          .prefix { !$0.contains("churn:") }.joined(separator: "\n")
            + """

              people: { identify: { entity: users.user_id, by: { users: may_name, orders: order_id } } }
              joined: { join: { left: clean_orders, right: people, on: user_id, columns: person_id } }
              checked:
                check: { input: joined, expect: [ { unique: order_id }, { share_of_nulls: { city: "<= 1%" } } ] }
              publish: { write: { input: user_features, table: marketing.no_features, key: user_id } }
              publish_joined: { write: { input: joined, table: marketing.joined, key: order_id } }
            """.replacing("users: may_name, ", with: ""))
      try await project.run(features)
      #expect(try await project.count("marketing.no_features_current") == 0)
      #expect(try await project.count("marketing.joined_current") == 0)
    }
  }

  @Test func `a database in another encoding`() async throws {
    try await withProject { project in
      try await withEncoding("LATIN1", of: project) { project, connection in
        // The bytes of é and ß in LATIN1.
        try await connection.execute(
          script: """
            CREATE SCHEMA shop; CREATE TABLE shop.rows (id int8, "größe" text);
            INSERT INTO shop.rows VALUES (1, 'é' || chr(223)), (2, U&'\\00FF')
            """)
        try project.write(stages: Self.pipeline)
        try await project.run()
        #expect(
          try await project.rows("SELECT id, größe FROM marketing.out_current") == [
            "(1,éß)", "(2,ÿ)",
          ])
      }
    }
  }

  @Test(arguments: [("convert_from('\\xc3a9', 'SQL_ASCII')", true), ("chr(233)", false)])
  func `a database without an encoding`(value: String, isUTF8: Bool) async throws {
    try await withProject { project in
      try await withEncoding("SQL_ASCII", of: project) { project, connection in
        try await connection.execute(
          script: """
            CREATE SCHEMA shop; CREATE TABLE shop.rows (id int8, name text);
            INSERT INTO shop.rows VALUES (1, 'plain'), (2, \(value))
            """)
        try project.write(stages: Self.pipeline)
        let ran = try await project.run(expecting: isUTF8 ? .succeeded : .failed)
        if isUTF8 {
          #expect(
            try await project.rows("SELECT id, name FROM marketing.out_current") == [
              "(1,plain)", "(2,é)",
            ])
        } else {
          let error = ran.outcome.error ?? ""
          #expect(
            error.contains("rows") && error.contains("column \"name\" has in row 2 a text"),
            "\(error)")
        }
      }
    }
  }

  /// A second database as the shop.
  private func withEncoding(
    _ encoding: String, of project: TestProject,
    _ body: (TestProject, PostgresConnection) async throws -> Void
  ) async throws {
    let name = project.database.name + "_shop"
    try await project.sql(
      "CREATE DATABASE \(name) TEMPLATE template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    let url = project.database.url.replacing("/\(project.database.name)?", with: "/\(name)?")
    let connection = try await PostgresConnection.connect(to: try ConnectionString(url))
    var other = project
    other.environment["SHOP_DATABASE_URL"] = url
    do {
      try await body(other, connection)
      await connection.close()
    } catch {
      await connection.close()
      throw error
    }
    try await project.sql("DROP DATABASE \(name) WITH (FORCE)")
  }

  /// The shop as a role of its own sees it.
  @Test func `rows that a policy hides are refused unless it is said why`() async throws {
    try await withRole { project, role in
      try await project.sql(
        """
        CREATE TABLE shop.rows (id int8, t text);
        INSERT INTO shop.rows SELECT i, 'row' FROM generate_series(1, 10) i;
        ALTER TABLE shop.rows ENABLE ROW LEVEL SECURITY;
        CREATE POLICY few ON shop.rows FOR SELECT TO \(role) USING (id <= 4);
        GRANT SELECT ON shop.rows TO \(role);
        """)
      try project.write(stages: Self.pipeline)
      let text = try await project.check().text
      #expect(text.contains("row-level security policy for table \"rows\""), "\(text)")
      #expect(text.contains("row_security: REASON"), "\(text)")
      try project.write(
        stages: Self.pipeline.replacing(
          "timeless: fixed", with: "timeless: fixed, row_security: the others are of another shop"))
      try await project.run()
      #expect(
        try await project.texts("SELECT id FROM marketing.out_current ORDER BY 1")
          == ["1", "2", "3", "4"])
    }
  }

  @Test func `columns that the role may not read are named`() async throws {
    try await withRole { project, role in
      try await project.sql(
        """
        CREATE TABLE shop.rows (id int8, email text, t text);
        INSERT INTO shop.rows VALUES (1, 'a@example.com', 'x');
        GRANT SELECT (id, t) ON shop.rows TO \(role);
        """)
      try project.write(stages: Self.pipeline)
      let text = try await project.check().text
      #expect(text.contains("the role may not read \"email\""), "\(text)")
      #expect(text.contains("stage 'publish' publishes all columns"), "\(text)")
      // Where no stage uses them they need no grant.
      try project.write(
        stages: """
            rows: { extract: { from: shop, table: shop.rows, key: id, timeless: fixed } }
            seen: { check: { input: rows, expect: [ { not_null: [t] }, { rows: "= 1" } ] } }
          """)
      try await project.run()
      try project.write(
        stages: Self.pipeline.replacing(
          "table: shop.rows", with: "sql: \"SELECT id, t FROM shop.rows\""))
      try await project.run()
      #expect(try await project.rows("SELECT id, t FROM marketing.out_current") == ["(1,x)"])
    }
  }

  private func withRole(_ body: (TestProject, String) async throws -> Void) async throws {
    try await withProject { project in
      let role = "reader_\(project.database.name)"
      try await project.sql(
        "CREATE ROLE \(role) LOGIN; CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO \(role)")
      var other = project
      other.environment["SHOP_DATABASE_URL"] = project.database.url
        .replacing("user=postgres", with: "user=\(role)")
      do {
        try await body(other, role)
      } catch {
        try await project.sql("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
        throw error
      }
      try await project.sql("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
    }
  }
}
