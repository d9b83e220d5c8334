import Foundation
import PostgresClient
import Runs
import Synchronization
import TestSupport
import Testing

/// What readers of published tables cost and see, however many nights are kept.
///
/// ROOST_NIGHTS sets how many; `make soak PART=nights` keeps 1,000 and has 64 readers over 50 publications.
@Suite struct ManyNightsTests {
  private static let wanted =
    ProcessInfo.processInfo.environment["ROOST_NIGHTS"].flatMap(Int.init)
  private static let nights = wanted ?? 60
  private static let tables = ["users", "more", "again", "once"]

  private func withNights(
    _ body: (TestProject, PostgresConnection) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly(
        more: Self.tables.dropFirst().map {
          "  publish_\($0): { write: { input: known, table: marketing.\($0), key: user_id } }"
        }.joined(separator: "\n"))
      try await project.run(asOf: "2020-02-01")
      let reader = try await project.reader()
      try await body(project, reader)
      await reader.close()
      try await project.removeReader()
    }
  }

  /// Locks that a statement takes, in a session that has planned it before.
  private func locks(_ sql: String, _ reader: PostgresConnection) async throws -> Int {
    try await reader.query("BEGIN")
    try await reader.query(sql)
    let locks = try await reader.query(
      "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")[0].int(0)
    try await reader.query("COMMIT")
    return locks
  }

  private static let statements: [(name: String, sql: String)] = [
    ("the current publication", "SELECT count(*) FROM marketing.users_current"),
    (
      "four joined",
      """
      SELECT count(*) FROM marketing.users_current JOIN marketing.more_current USING (user_id)
      JOIN marketing.again_current USING (user_id) JOIN marketing.once_current USING (user_id)
      """
    ),
    (
      "one as-of of the history",
      "SELECT count(*) FROM marketing.users WHERE as_of = '2020-02-01Z'"
    ),
    (
      "three days of the history",
      """
      SELECT count(*) FROM marketing.users
      WHERE as_of >= '2020-02-01Z' AND as_of < '2020-02-04Z'
      """
    ),
  ]

  @Test func `a reader locks and looks into what it reads, however many nights are kept`()
    async throws
  {
    try await withNights { project, reader in
      var first: [String: Int] = [:]
      for (name, sql) in Self.statements { first[name] = try await locks(sql, reader) }
      try await project.pretend(nights: Self.nights - 1, tables: Self.tables)
      for (name, sql) in Self.statements {
        let found = try await locks(sql, reader)
        // Beside the part of the day that is looked for that of the latest one, each with an index.
        let more = name.hasPrefix("three") ? 6 : name.hasPrefix("one") ? 2 : 0
        #expect(found <= (first[name] ?? 0) + more, "\(name)")
        guard Self.wanted != nil else { continue }
        let plan = try await reader.query("EXPLAIN (SUMMARY) \(sql)").map { try $0.string(0) }
        print("nights: \(name): \(found) locks, \(plan.last ?? "")")
      }
      // What a plan expects is one publication.
      let plan = try await reader.query("EXPLAIN SELECT * FROM marketing.users_current")
        .map { try $0.string(0) }
      let rows = try #require(plan.first?.firstMatch(of: #/rows=(\d+)/#)?.1)
      #expect((10...11).contains(try #require(Int(rows))), "\(plan)")
      #expect(try await reader.query(Self.statements[2].sql)[0].int(0) == 10)
      #expect(try await reader.query(Self.statements[3].sql)[0].int(0) == 30)
      let all = try await reader.query("SELECT count(*) FROM marketing.users")[0].int(0)
      #expect(all == 10 * Self.nights)
    }
  }

  /// An outcome of one statement is of one run, whole, whatever is published or taken back meanwhile.
  @Test func `many readers see whole publications while some are made and taken back`()
    async throws
  {
    let (readers, publications) = Self.wanted == nil ? (12, 4) : (64, 50)
    try await withNights { project, reader in
      try await project.pretend(nights: Self.nights - 1, tables: Self.tables)
      try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      let whole = """
        SELECT count(*) || ' rows, ' || count(DISTINCT run_id) || ' run' FROM marketing.users_current
        """
      let joined = """
        SELECT count(*) || ' rows, ' || count(DISTINCT (u.run_id, m.run_id)) || ' run'
        FROM marketing.users_current u JOIN marketing.more_current m USING (user_id)
        WHERE u.run_id = m.run_id
        """
      let report = "SELECT min(run_id) || ' to ' || max(run_id) FROM marketing.users_current"
      let before = try await reader.query(report)[0].string(0)
      let isOver = Flag()
      try await withThrowingTaskGroup(of: Int.self) { group in
        defer { isOver.raise() }
        for _ in 0..<readers {
          group.addTask {
            let connection = try await project.reader()
            var looks = 0
            while !isOver.isRaised {
              for sql in [whole, joined] {
                let seen = try await connection.query(sql)[0].string(0)
                #expect(seen == "10 rows, 1 run")
                looks += 1
              }
              // People read what they asked for: however many they are, what publishes has its turn too.
              try await Task.sleep(for: .milliseconds(2 * readers))
            }
            await connection.close()
            return looks
          }
        }
        for place in 1...publications {
          try await project.run(asOf: "2025-02-\(10 + place % 19)")
          if place.isMultiple(of: 3) {
            _ = try await project.rollback { rollback in
              try await rollback.go(to: try await rollback.previous(), by: "a test")
            }
          }
        }
        isOver.raise()
        var looks = 0
        while let count = try await group.next() { looks += count }
        #expect(looks >= 2 * readers)
        if Self.wanted != nil { print("nights: \(readers) readers looked \(looks) times") }
      }
      #expect(try await reader.query(report)[0].string(0) == before)
      try await reader.query("COMMIT")
    }
  }
}

private final class Flag: Sendable {
  private let state = Mutex(false)
  var isRaised: Bool { state.withLock { $0 } }
  func raise() { state.withLock { $0 = true } }
}
