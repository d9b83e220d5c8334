import Frames
import PostgresClient
import TestSupport
import Testing

@Suite struct SnapshotTests {
  private func withNumbers(
    _ body: (TestDatabase) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: "create table t (x int); insert into t select generate_series(1, 10);")
      try await body(database)
    }
  }

  @Test func `readers see one state while a writer commits`() async throws {
    try await withNumbers { database in
      let before = try await database.connection.query("select now()")[0].instant(0)
      let snapshot = try await SourceSnapshot.open(database.connectionString, readers: 3)
      try await withThrowingTaskGroup(of: (Int, Int).self) { group in
        for _ in 0..<12 {
          group.addTask {
            try await snapshot.withReader { reader in
              let seen = try await reader.copyOut("select x from t").rowCount
              try await database.connection.execute("insert into t values (0)")
              let again = try await reader.query("select count(*) from t")[0].int(0)
              return (seen, again)
            }
          }
        }
        for try await (seen, again) in group { #expect(seen == 10 && again == 10) }
      }
      #expect(await snapshot.isShared)
      #expect(snapshot.instant >= before)
      let rows = try await database.connection.query(
        "select count(*) from pg_stat_activity where datname = current_database()")
      #expect(try rows[0].int(0) <= 4)
      await snapshot.release()
      #expect(try await database.connection.query("select count(*) from t")[0].int(0) == 22)
    }
  }

  @Test func `a failed reader leaves the snapshot usable`() async throws {
    try await withNumbers { database in
      let snapshot = try await SourceSnapshot.open(database.connectionString, readers: 1)
      for _ in 0..<3 {
        await #expect(throws: PostgresError.self) {
          try await snapshot.withReader { _ = try await $0.query("select 1/0") }
        }
        try await database.connection.execute("insert into t values (0)")
        let seen = try await snapshot.withReader {
          try await $0.query("select count(*) from t")[0].int(0)
        }
        #expect(seen == 10)
      }
      await snapshot.release()
    }
  }

  @Test func `a reader cannot write`() async throws {
    try await withNumbers { database in
      let snapshot = try await SourceSnapshot.open(database.connectionString, readers: 1)
      let error = await #expect(throws: PostgresError.self) {
        try await snapshot.withReader { _ = try await $0.execute("insert into t values (1)") }
      }
      #expect(error?.sqlState == "25006")
      await snapshot.release()
    }
  }

  @Test func `where there is one connection readers take turns`() async throws {
    try await withNumbers { database in
      try await database.connection.execute(
        script: "create role lone login connection limit 1; grant select on t to lone;")
      let url = database.url.replacing("user=postgres", with: "user=lone")
      let snapshot = try await SourceSnapshot.open(ConnectionString(url), readers: 4)
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask {
            try await snapshot.withReader {
              try await $0.query("select count(*) from t")[0].int(0)
            }
          }
        }
        for try await seen in group { #expect(seen == 10) }
      }
      #expect(await !snapshot.isShared)
      #expect(await snapshot.fallback?.kind == .cannotConnect)
      await snapshot.release()
      try await database.connection.execute(script: "drop owned by lone; drop role lone;")
    }
  }

  @Test func `a released snapshot says so`() async throws {
    try await withNumbers { database in
      let snapshot = try await SourceSnapshot.open(database.connectionString, readers: 1)
      await snapshot.release()
      let error = await #expect(throws: PostgresError.self) {
        try await snapshot.withReader { _ = try await $0.query("select 1") }
      }
      #expect(error?.message == "the snapshot was released")
    }
  }

  @Test func `a transaction can see what another sees`() async throws {
    try await withNumbers { database in
      let other = try await database.connect()
      let name = try await database.connection.query("select current_database()")[0].string(0)
      #expect(name == database.name)
      let seen = try await database.connection.transaction(isolation: .repeatableRead) {
        try $0.exportSnapshot().name
      }
      // The transaction that exported it is over.
      let error = await #expect(throws: PostgresError.self) {
        try await other.transaction(isolation: .repeatableRead) {
          try $0.importSnapshot(SnapshotID(seen))
        }
      }
      #expect(error?.sqlState == "22023")
    }
  }
}
