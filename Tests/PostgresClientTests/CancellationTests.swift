import Frames
import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite struct CancellationTests {
  /// Runs `work`, cancels it once the server is busy with it, and checks that it ends soon.
  private func cancelled(
    _ database: TestDatabase, by cancel: (Task<Void, any Error>, PostgresConnection) -> Void,
    _ work: @escaping @Sendable (PostgresConnection) async throws -> Void
  ) async throws {
    let connection = try await database.connect()
    let process = try await connection.query("select pg_backend_pid()")[0].int(0)
    let task = Task { try await work(connection) }
    while try await database.connection.query(
      "select 1 from pg_stat_activity where pid = $1 and state = 'active'", [Parameter(process)]
    ).isEmpty {
      await Task.yield()
    }
    let start = ContinuousClock.now
    cancel(task, connection)
    let error = await #expect(throws: PostgresError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(try await connection.query("select 1")[0].int(0) == 1)
  }

  @Test func `a task ends its statement`() async throws {
    try await withDatabase { database in
      try await cancelled(database, by: { task, _ in task.cancel() }) {
        try await $0.query("select pg_sleep(600)")
      }
    }
  }

  @Test func `another thread ends a statement`() async throws {
    try await withDatabase { database in
      try await cancelled(database, by: { $1.cancel() }) {
        try await $0.query("select pg_sleep(600)")
      }
    }
  }

  @Test func `a task ends a copy that sends nothing yet`() async throws {
    try await withDatabase { database in
      try await cancelled(database, by: { task, _ in task.cancel() }) {
        _ = try await $0.copyOut("select pg_sleep(600)::text as x")
      }
    }
  }

  @Test func `a task ends a copy that sends rows`() async throws {
    try await withDatabase { database in
      try await cancelled(database, by: { task, _ in task.cancel() }) {
        _ = try await $0.copyOut("select x from generate_series(1, 1000000000) as x")
      }
    }
  }

  @Test func `a task ends a copy that the server does not take`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          create table t (x int8);
          create function slow() returns trigger language plpgsql
            as 'begin perform pg_sleep(600); return new; end';
          create trigger slow before insert on t for each row execute function slow();
          """)
      let column = Column(type: .int8, values: .int64(Array(0..<1_000_000)))
      let frame = Frame(
        schema: Schema([Field("x", .int8)]), columns: [column], rowCount: column.count)
      try await cancelled(database, by: { task, _ in task.cancel() }) {
        _ = try await $0.copyIn(frame, into: QualifiedName(name: "t"))
      }
      #expect(try await database.connection.query("select count(*) from t")[0].int(0) == 0)
    }
  }

  @Test func `a cancelled transaction is rolled back`() async throws {
    try await withDatabase { database in
      try await database.connection.execute("create table t (x int)")
      try await cancelled(database, by: { task, _ in task.cancel() }) {
        try await $0.transaction { connection in
          try connection.execute("insert into t values (1)")
          try connection.query("select pg_sleep(600)")
        }
      }
      #expect(try await database.connection.query("select count(*) from t")[0].int(0) == 0)
    }
  }
}
