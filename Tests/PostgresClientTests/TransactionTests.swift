import PostgresClient
import TestSupport
import Testing

@Suite struct TransactionTests {
  struct Refusal: Error {}

  private func withTable(_ body: (TestDatabase) async throws -> Void) async throws {
    try await withDatabase { database in
      try await database.connection.execute("create table t (x int primary key)")
      try await body(database)
    }
  }

  private func expectRows(
    _ count: Int, in database: TestDatabase, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let found = try await database.connection.query("select count(*) from t")[0].int(0)
    #expect(found == count, sourceLocation: sourceLocation)
  }

  @Test func `what returns is committed`() async throws {
    try await withTable { database in
      let rows = try await database.connection.transaction { connection in
        try connection.execute("insert into t values (1), (2)")
      }
      #expect(rows == 2)
      try await expectRows(2, in: database)
    }
  }

  @Test func `what throws is rolled back`() async throws {
    try await withTable { database in
      await #expect(throws: Refusal.self) {
        try await database.connection.transaction { connection in
          try connection.execute("insert into t values (1)")
          throw Refusal()
        }
      }
      let error = await #expect(throws: PostgresError.self) {
        try await database.connection.transaction { connection in
          try connection.execute("insert into t values (1)")
          try connection.execute("insert into t values (1)")
        }
      }
      #expect(error?.sqlState == "23505")
      try await expectRows(0, in: database)
    }
  }

  @Test func `a swallowed error does not pass for a commit`() async throws {
    try await withTable { database in
      let error = await #expect(throws: PostgresError.self) {
        try await database.connection.transaction { connection in
          try connection.execute("insert into t values (1)")
          _ = try? connection.query("select 1/0")
        }
      }
      #expect(error?.sqlState == "25P02")
      try await expectRows(0, in: database)
    }
  }

  @Test func `the first error is reported where the connection goes`() async throws {
    try await withTable { database in
      let connection = try await database.connect()
      await #expect(throws: Refusal.self) {
        try await connection.transaction { connection in
          _ = try? connection.query("select pg_terminate_backend(pg_backend_pid())")
          throw Refusal()
        }
      }
    }
  }

  @Test func `read only and isolation reach the server`() async throws {
    try await withTable { database in
      let isolation = try await database.connection.transaction(
        isolation: .serializable, readOnly: true
      ) { connection in
        try connection.query("show transaction_isolation")[0].string(0)
      }
      #expect(isolation == "serializable")
      let error = await #expect(throws: PostgresError.self) {
        try await database.connection.transaction(readOnly: true) { connection in
          try connection.execute("insert into t values (1)")
        }
      }
      #expect(error?.sqlState == "25006")
    }
  }

  @Test func `one transaction within another is refused`() async throws {
    try await withTable { database in
      let error = await #expect(throws: PostgresError.self) {
        try await database.connection.transaction { outer in
          try outer.transaction { inner in try inner.execute("insert into t values (1)") }
        }
      }
      #expect(error?.message == "a transaction is open already")
    }
  }

  @Test func `tasks do not come between the statements of a transaction`() async throws {
    try await withTable { database in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 {
          group.addTask {
            try await database.connection.transaction { connection in
              let before = try connection.query("select count(*) from t")[0].int(0)
              try connection.execute("insert into t values ($1)", [Parameter(number)])
              let after = try connection.query("select count(*) from t")[0].int(0)
              #expect(after == before + 1)
            }
          }
        }
        try await group.waitForAll()
      }
      try await expectRows(20, in: database)
    }
  }
}
