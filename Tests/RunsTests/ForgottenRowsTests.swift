import PipelineFiles
import PostgresClient
import TestSupport
import Testing

@testable import Runs
@testable import State

/// When rows of a publication that was forgotten may go: asked as a role that sees nothing of others' sessions.
@Suite struct ForgottenRowsTests {
  private static let rows = QualifiedName(schema: "roost_data", name: "list_r1_1")

  /// A state with one publication of one table, which an ordinary role made.
  private func withPublication(
    _ body: (TestDatabase, OrdinaryRole, PostgresConnection) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      let role = try await database.makeOrdinaryRole()
      let connection = try await PostgresConnection.connect(to: role.connectionString)
      try await StateSchema.migrate(connection)
      try await connection.execute(
        script: """
          CREATE TABLE \(Self.rows.sql) AS SELECT 1 AS user_id;
          INSERT INTO roost.runs (pipeline, as_of, state, publishes)
          VALUES ('p', '2026-06-01', 'succeeded', true);
          INSERT INTO roost.row_tables VALUES ('roost_data.list_r1_1', 'list', 1, 1);
          INSERT INTO roost.targets (target, data_table, pipeline, key)
          VALUES ('list', 'roost_data.list', 'p', '{user_id}');
          INSERT INTO roost.publications (target, as_of, run_id, rows, rows_in)
          VALUES ('list', '2026-06-01', 1, 1, 'roost_data.list_r1_1')
          """)
      try await body(database, role, connection)
      await connection.close()
    }
  }

  private func forget(_ connection: PostgresConnection) async throws -> Int {
    let rows = ForgottenRows(connection: connection)
    try await rows.forget("list", where: "true", [])
    return try await rows.drop()
  }

  private func isThere(_ database: TestDatabase) async throws -> Bool {
    try await database.connection.query(
      "SELECT to_regclass('\(Self.rows.description)') IS NOT NULL")[0].bool(0)
  }

  @Test func `at once where nobody has an older snapshot, whoever is connected`() async throws {
    try await withPublication { database, _, connection in
      let idle = try await database.connect()
      try await idle.query("SELECT count(*) FROM roost.publications")
      // Between two statements this one has no snapshot either.
      let other = try await database.connect()
      try await other.execute(script: "BEGIN; SELECT count(*) FROM roost.publications")
      #expect(try await forget(connection) == 0)
      #expect(try await !isThere(database))
      #expect(
        try await database.connection.query("SELECT count(*) FROM roost.row_tables")[0].int(0) == 0)
      for session in [idle, other] { await session.close() }
    }
  }

  @Test(arguments: ["superuser", "same role"])
  func `not before the last snapshot has gone`(_ reader: String) async throws {
    try await withPublication { database, role, connection in
      let session =
        reader == "superuser"
        ? try await database.connect()
        : try await PostgresConnection.connect(to: role.connectionString)
      try await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await session.query("SELECT 1")
      #expect(try await forget(connection) == 1)
      #expect(try await ForgottenRows(connection: connection).drop() == 1)
      #expect(try await isThere(database))
      await session.close()
      try await expectGone(database, connection)
    }
  }

  /// A snapshot that was handed on outlives the session that made it.
  @Test func `not while somebody reads with a snapshot that another handed on`() async throws {
    try await withPublication { database, _, connection in
      let maker = try await database.connect()
      try await maker.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      let snapshot = try await maker.query("SELECT pg_export_snapshot()")[0].string(0)
      #expect(try await forget(connection) == 1)
      let reader = try await database.connect()
      try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await reader.query("SET TRANSACTION SNAPSHOT '\(snapshot)'")
      await maker.close()
      #expect(try await ForgottenRows(connection: connection).drop() == 1)
      #expect(try await isThere(database))
      await reader.close()
      try await expectGone(database, connection)
    }
  }

  /// The server notices in its own time that a client is gone.
  private func expectGone(
    _ database: TestDatabase, _ connection: PostgresConnection
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(240)
    while try await ForgottenRows(connection: connection).drop() > 0,
      ContinuousClock.now < deadline
    { try await Task.sleep(for: .milliseconds(5)) }
    #expect(try await !isThere(database))
  }

  @Test func `what somebody publishes or loads by now is not dropped, whatever was seen before`()
    async throws
  {
    try await withPublication { database, _, connection in
      for change in [
        // The list was made when the run was dead and nothing was published.
        "UPDATE roost.runs SET state = 'running'", "UPDATE roost.runs SET state = 'held'",
        """
        INSERT INTO roost.publications (target, as_of, run_id, rows, rows_in)
        VALUES ('list', '2026-06-01', 1, 1, 'roost_data.list_r1_1')
        """,
      ] {
        try await connection.execute(
          script: "DELETE FROM roost.publications; UPDATE roost.runs SET state = 'lost'")
        let tables = try await RowTable.all(where: RowTable.isOver, on: connection)
        #expect(tables.map(\.name) == [Self.rows])
        try await connection.execute(change)
        for table in tables { try await table.dropIfOver(on: connection) }
        #expect(try await isThere(database), "\(change)")
      }
      // An attempt that another follows will not publish.
      try await connection.execute(
        script: """
          DELETE FROM roost.publications;
          UPDATE roost.runs SET state = 'running', attempt = 2
          """)
      try await Housekeeping(connection: connection).sweep()
      #expect(try await !isThere(database))
    }
  }
}
