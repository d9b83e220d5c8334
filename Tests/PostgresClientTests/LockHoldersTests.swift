import PostgresClient
import TestSupport
import Testing

/// Who is named as being in the way.
@Suite struct LockHoldersTests {
  private func withSession(
    _ script: String, _ body: (TestDatabase, String) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          CREATE SCHEMA shop; CREATE TABLE shop.users (a int8); CREATE TABLE shop.other (a int8);
          CREATE TABLE shop.parts (a int8) PARTITION BY LIST (a);
          CREATE TABLE shop.first PARTITION OF shop.parts FOR VALUES IN (1);
          CREATE VIEW shop.inner_v AS TABLE shop.users; CREATE VIEW shop.v AS TABLE shop.inner_v;
          CREATE VIEW shop.whole AS TABLE shop.parts;
          """)
      let other = try await database.connect(options: ConnectionOptions(applicationName: "etl"))
      let process = try await other.query("SELECT pg_backend_pid()")[0].int(0)
      try await other.execute(script: "BEGIN; " + script)
      try await body(database, "session \(process) of role postgres (etl)")
      await other.close()
    }
  }

  private func hint(
    _ statement: String, _ database: TestDatabase, against need: NeededLock = .accessShare
  ) async throws -> String? {
    try await database.connection.withHolders(
      PostgresError(.statement, "timeout", sqlState: "55P03"), of: statement, against: need
    ).hint
  }

  @Test func `who locks what a statement reads is named, be it behind views, and nobody else`()
    async throws
  {
    try await withSession("LOCK shop.users, shop.other, shop.first") { database, session in
      for (statement, tables) in [
        ("SELECT * FROM shop.v", ["users"]), ("SELECT * FROM shop.whole", ["first"]),
        // Where the statement tells nothing, all are.
        ("SELECT f()", ["first", "other", "users"]),
      ] {
        let found = try await hint(statement, database)
        let expected = tables.map { "shop.\($0) is locked by \(session)" }
        #expect(found == expected.joined(separator: ", "))
      }
    }
    try await withSession("LOCK shop.users IN SHARE MODE") { database, session in
      let reading = try await hint("TABLE shop.users", database)
      #expect(reading == nil)
      let writing = try await hint("shop.users", database, against: .rowExclusive)
      #expect(writing == "shop.users is locked by \(session)")
    }
  }

  @Test func `who reads a table is in the way of changing it, not of attaching to it`() async throws
  {
    let parts = QualifiedName(schema: "shop", name: "parts")
    try await withSession("TABLE shop.parts") { database, session in
      for need in [
        NeededLock.accessExclusive, .shareUpdateExclusive, .rows, .rowExclusive, .accessShare,
      ] {
        let found = try await database.connection.holders(of: parts, against: need)
        #expect(found == (need == .accessExclusive ? [session] : []))
      }
    }
    try await withSession("SELECT pg_advisory_lock(hashtextextended('turn', 0))") {
      database, session in
      for (name, expected) in [("turn", [session]), ("another", [])] {
        let found = try await database.connection.holders(ofTurn: name)
        #expect(found == expected)
      }
    }
  }
}
