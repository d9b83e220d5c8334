import PostgresClient
import Runs
import Synchronization
import Testing

/// Readers of what is published, night after night.
@Suite struct PublicationReadersTests {
  /// Two tables, of one run at any time.
  private static let both = """
    SELECT count(*) || ' rows of ' || count(DISTINCT run_id) || ' run' AS seen FROM (
      SELECT run_id FROM marketing.users_current
      UNION ALL SELECT run_id FROM marketing.again_current) both_tables
    """
  private static let expected: Set<String> = ["20 rows of 1 run"]

  @Test(.timeLimit(.minutes(30)))
  func `through 50 publications and rollbacks they see one run, at once, always`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      // What was shown a moment before goes with the next publication.
      try project.writeNightly(
        "keep: 1d",
        more: "  again: { write: { input: known, table: marketing.again, key: user_id, keep: 1d } }"
      )
      try await project.run(asOf: "2024-06-01")
      let seen = Seen()
      try await withThrowingTaskGroup(of: Void.self) { group in
        // Who waits for a lock for a second fails.
        let options = ConnectionOptions(settings: ["lock_timeout": "1s"])
        for reader in 0..<4 {
          let connection = try await project.database.connect(options: options)
          group.addTask {
            if reader == 2 {
              try await connection.execute("PREPARE seen AS \(Self.both)")
            }
            while !seen.isOver {
              // Room for the others on the machine.
              try await Task.sleep(for: .milliseconds(2))
              switch reader {
              case 2: try await seen.read("EXECUTE seen", on: connection)
              case 3:
                // One snapshot for several statements, which meet tables that have changed since.
                try await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                try await connection.query("SELECT count(*) FROM roost.publications")
                for _ in 0..<3 {
                  try await Task.sleep(for: .milliseconds(5))
                  try await seen.read(Self.both, on: connection)
                }
                try await connection.query("COMMIT")
              default: try await seen.read(Self.both, on: connection)
              }
            }
            await connection.close()
          }
        }
        group.addTask {
          defer { seen.end() }
          for night in 2...33 {
            let day =
              night <= 30 ? "2024-06-\(night < 10 ? "0" : "")\(night)" : "2024-07-0\(night - 30)"
            try await project.run(asOf: day)
            if night % 2 == 0 {
              try await project.rollback { rollback in
                _ = try await rollback.go(to: try await rollback.previous(), by: "a test")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(seen.texts == Self.expected)
      #expect(seen.count > 200)
      #expect(try await project.count("roost.decisions") == 16)
      // What could be seen by nobody any more is gone.
      try await project.run(asOf: "2024-07-07")
      try await project.run(asOf: "2024-07-07")
      #expect(try await project.count("roost.forgotten") == 0)
      #expect(try await project.relations(in: "roost_data", kinds: "'r'").count <= 8)
    }
  }

  @Test func `rows go when the last snapshot that shows them has gone`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly("keep: 1d")
      let first = try await project.run(asOf: "2024-06-01")
      let reader = try await project.database.connect()
      try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await reader.query("SELECT 1")
      for day in 2...4 { try await project.run(asOf: "2024-06-0\(day)") }
      // The reader has not looked at the table before.
      let rows = try await reader.query(
        "SELECT count(*) AS rows, max(run_id) AS run FROM marketing.users_current")
      #expect(try rows.first?.int("rows") == 10)
      #expect(try rows.first?.int("run") == first.run)
      await reader.close()
      try await project.run(asOf: "2024-06-05")
      #expect(
        try await project.relations(in: "roost_data", kinds: "'r'")
          == ["marketing_users_r4_1", "marketing_users_r5_1"])
    }
  }
}

/// What readers saw, from any task.
private final class Seen: Sendable {
  private struct State {
    var texts: Set<String> = []
    var count = 0
    var isOver = false
  }
  private let state = Mutex(State())

  var texts: Set<String> { state.withLock { $0.texts } }
  var count: Int { state.withLock { $0.count } }
  var isOver: Bool { state.withLock { $0.isOver } }

  func end() { state.withLock { $0.isOver = true } }

  func read(_ sql: String, on connection: PostgresConnection) async throws {
    let found = try await connection.query(sql).map { try $0.string(0) }
    state.withLock {
      $0.texts.formUnion(found)
      $0.count += 1
    }
  }
}
