import Frames
import PostgresClient
import TestSupport
import Testing

@Suite struct StatementTests {
  @Test func `parameters go there and back`() async throws {
    try await withDatabase { database in
      let rows = try await database.connection.query(
        """
        select $1::text as a, $2::int8 as b, $3::bool as c, $4::text as d, $5::float8 as e,
          $6::text[] as f, $7::float8 as g
        """,
        ["x'\\\"", 7, true, nil, 0.1, .texts(["a\"b\\", "", "{,}", "NULL"]), .double(-.infinity)])
      let row = try #require(rows.first)
      #expect(try row.string("a") == "x'\\\"")
      #expect(try row.int(1) == 7)
      #expect(try row.bool("c"))
      #expect(try row.optionalString("d") == nil)
      #expect(try row.double("e") == 0.1)
      #expect(try row.string("f") == #"{"a\"b\\","","{,}","NULL"}"#)
      #expect(try row.double("g") == -.infinity)
    }
  }

  @Test func `a row says which column is wrong and not its value`() async throws {
    try await withDatabase { database in
      let row = try #require(
        try await database.connection.query("select 'secret' as a, null as b").first)
      for (read, expected) in [
        ({ _ = try row.int("a") }, "column a is no Int"),
        ({ _ = try row.int("b") }, "column b is null"),
        ({ _ = try row.int("c") }, "column c is not in the result"),
        ({ _ = try row.int(2) }, "column 2 is not in the result"),
      ] as [(() throws -> Void, String)] {
        let error = #expect(throws: PostgresError.self) { try read() }
        #expect(error?.description == expected)
      }
    }
  }

  @Test func `instants read and write as Postgres does`() async throws {
    try await withDatabase { database in
      let edges: [Int64] = [
        .min, .max, 0, 1, -1, -211_813_488_000_000_000, 9_223_371_331_199_999_999,
        -63_113_904_000_000_001, 123_456_789, -86_400_000_000,
      ]
      let some = (0..<200).map { _ in
        Int64.random(in: -211_813_488_000_000_000...9_223_371_331_199_999_999)
      }
      for instants in [edges, some] {
        let written = instants.map { Instant(microseconds: $0).postgresText }
        let rows = try await database.connection.query(
          """
          select t::timestamptz as t, t::timestamptz::text as text
          from unnest($1::text[]) with ordinality as u (t, place) order by place
          """, [.texts(written)])
        for (row, instant) in zip(rows, instants) {
          #expect(try row.instant("t").microseconds == instant)
        }
      }
    }
  }

  @Test func `execute counts rows and scripts run all`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(
        script: "create table t (x int); insert into t select generate_series(1, 5);")
      #expect(try await connection.execute("delete from t where x > $1", [2]) == 3)
      #expect(try await connection.execute("select * from t") == 2)
      await #expect(throws: PostgresError.self) {
        try await connection.execute(script: "insert into t values (9); select 1/0")
      }
      #expect(try await connection.query("select count(*) from t")[0].int(0) == 2)
    }
  }

  @Test(arguments: ["copy (select generate_series(1, 100000)) to stdout", "copy t from stdin"])
  func `a copy in a script is refused and the session stays`(_ sql: String) async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute("create table t (x int)")
      await #expect(throws: PostgresError.self) { try await connection.execute(script: sql) }
      #expect(try await connection.query("select count(*) from t")[0].int(0) == 0)
    }
  }

  @Test func `an error has what Postgres says about it`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      let sql = "select 'ä', missing from (select 1 as x) t"
      var error = await #expect(throws: PostgresError.self) { try await connection.query(sql) }
      #expect(error?.kind == .statement)
      #expect(error?.sqlState == "42703")
      #expect(error?.position == 12)
      #expect(error?.location == database.connectionString.location)
      #expect(
        error?.description.contains("column \"missing\" does not exist [SQLSTATE 42703") == true)
      try await connection.execute("create table t (email text constraint only_once unique)")
      try await connection.execute("insert into t values ('eve@example.com')")
      error = await #expect(throws: PostgresError.self) {
        try await connection.execute("insert into t values ('eve@example.com')")
      }
      #expect(error?.constraint == "only_once")
      #expect(error?.table == "t")
      #expect(error?.detail?.contains("eve@example.com") == true)
      #expect(error.map { "\($0) \(String(reflecting: $0))" }?.contains("eve") == false)
      var dumped = ""
      dump(error, to: &dumped)
      #expect(!dumped.contains("eve"))
      error = await #expect(throws: PostgresError.self) {
        try await connection.query("select $1::text::int", ["eve@example.com"])
      }
      #expect(
        error?.message == "invalid text representation "
          + "(Postgres's message is withheld, because it may quote a value)")
    }
  }

  @Test func `quoting means the same to Postgres`() async throws {
    try await withDatabase { database in
      let texts = ["a\"b", "it's", "back\\slash", "\\'", "'';--", "ä 😀\n\t", "$1 $$", "\"\"\"\""]
      for text in texts {
        let name = try SQL.identifier(text)
        let literal = try SQL.literal(text)
        for conforming in ["on", "off"] {
          try await database.connection.execute(
            "set standard_conforming_strings = \(conforming)")
          let result = try await database.connection.query("select \(literal) as \(name)")
          let row = try #require(result.first)
          #expect(try row.string(.name(text)) == text)
        }
      }
      let qualified = try QualifiedName(schema: "a.b", name: "c\"").sql
      #expect(qualified == "\"a.b\".\"c\"\"\"")
    }
    #expect(throws: PostgresError.self) { try SQL.identifier("a\0b") }
    #expect(throws: PostgresError.self) { try SQL.identifier("") }
    #expect(throws: PostgresError.self) { try SQL.literal("a\0b") }
  }
}
