import Foundation
import PostgresClient
import Runs
import Synchronization
import TestSupport
import Testing

/// Reports of all kinds that are open while one publication follows the other, as an ordinary role.
/// `ROOST_READERS=50` publishes as often; otherwise a few times.
@Suite struct OpenReportsTests {
  private static let nights =
    ProcessInfo.processInfo.environment["ROOST_READERS"].flatMap(Int.init) ?? 8

  private static let current = """
    SELECT count(*) || ' rows of ' || count(DISTINCT run_id) AS seen FROM (
      SELECT run_id FROM marketing.users_current
      UNION ALL SELECT run_id FROM marketing.again_current) both_tables
    """
  /// Every row of both tables, so that none is missing and none there twice.
  private static let everything = """
    SELECT string_agg(kind || as_of || ' ' || run_id || ' ' || rows || ' ' || users, '; ' ORDER BY 1)
      AS seen FROM (
      SELECT 'c' AS kind, as_of, run_id, count(*) AS rows, count(DISTINCT user_id) AS users
      FROM marketing.users_current GROUP BY 2, 3
      UNION ALL
      SELECT 'h', as_of, run_id, count(*), count(DISTINCT user_id) FROM marketing.users GROUP BY 2, 3
      UNION ALL
      SELECT 'a', as_of, run_id, count(*), count(DISTINCT user_id) FROM marketing.again GROUP BY 2, 3
      ) parts
    """

  @Test(.timeLimit(.minutes(60)))
  func `they see what they saw, whatever is published, pruned and taken back`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly(
        "keep: 2d, max_change: 10%",
        more: "  again: { write: { input: known, table: marketing.again, key: user_id, keep: 2d } }"
      )
      try await project.run(asOf: "2024-01-01")
      try await project.run(asOf: "2024-01-02")
      let first = try await project.reader()
      await first.close()
      let progress = Progress(nights: Self.nights)
      func text(_ sql: String, _ reader: PostgresConnection) async throws -> String {
        try await reader.query(sql)[0].optionalString(0) ?? "nothing"
      }

      try await withThrowingTaskGroup(of: Void.self) { group in
        // One snapshot for hours, and some that end sooner.
        for nights in [1, 3, Self.nights] {
          group.addTask {
            let reader = try await project.reader()
            try await reader.execute("PREPARE everything AS \(Self.everything)")
            repeat {
              try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
              // The first statement looks at nothing of ours.
              try await reader.query("SELECT 1")
              if nights > 1 { try await progress.wait(1) }
              let before = try await text(Self.everything, reader)
              for _ in 0..<3 {
                try await progress.wait(max(1, nights / 3))
                progress.expect(try await text("EXECUTE everything", reader), before, "a kept plan")
                progress.expect(try await text(Self.everything, reader), before, "a new plan")
              }
              try await reader.query("COMMIT")
            } while !progress.isOver
            await reader.close()
          }
        }
        // A transaction in which each statement sees the latest publication.
        for mode in ["force_custom_plan", "force_generic_plan"] {
          group.addTask {
            let reader = try await project.reader()
            try await reader.execute(
              script: """
                SET plan_cache_mode = \(mode);
                PREPARE latest(int) AS SELECT seen FROM (\(Self.current)) s WHERE $1 = 1
                """)
            while !progress.isOver {
              try await reader.query("BEGIN")
              for _ in 0..<10 {
                progress.expect(try await text("EXECUTE latest(1)", reader), "20 rows of 1", mode)
                progress.expect(try await text(Self.current, reader), "20 rows of 1", "a statement")
                try await Task.sleep(for: .milliseconds(5))
              }
              try await reader.query("COMMIT")
            }
            await reader.close()
          }
        }
        group.addTask {
          let reader = try await project.reader()
          while !progress.isOver {
            try await reader.query("BEGIN")
            try await reader.execute("DECLARE c CURSOR FOR SELECT * FROM marketing.users_current")
            var rows = try await reader.query("FETCH 3 FROM c")
            try await progress.wait(2)
            rows += try await reader.query("FETCH ALL FROM c")
            let runs = Set(try rows.map { try $0.int("run_id") })
            progress.expect("\(rows.count) rows of \(runs.count)", "10 rows of 1", "a cursor")
            try await reader.query("COMMIT")
          }
          await reader.close()
        }
        // What a person does by hand to the tables below; who is in the way is left alone.
        group.addTask {
          let options = ConnectionOptions(settings: ["lock_timeout": "20ms"])
          let person = try await project.database.connect(options: options)
          let works = ["VACUUM FULL", "ANALYZE", "REINDEX TABLE", "VACUUM (FREEZE)"]
          var next = 0
          while !progress.isOver {
            for row in try await person.query(
              "SELECT name FROM roost.row_tables ORDER BY random() LIMIT 2")
            {
              next += 1
              _ = try? await person.execute(
                "\(works[next % works.count]) \(try row.string("name"))")
            }
            try await Task.sleep(for: .milliseconds(20))
          }
          await person.close()
        }
        group.addTask {
          defer { progress.reach(Self.nights + 1) }
          for number in 1...Self.nights {
            try await Self.publish(number, project)
            progress.reach(number)
          }
        }
        try await group.waitForAll()
      }
      #expect(progress.problems == [])
      #expect(progress.count > Self.nights * 5)
      try await project.run(asOf: "2024-12-01")
      try await project.run(asOf: "2024-12-01")
      #expect(try await project.count("roost.forgotten") == 0)
      #expect(try await project.relations(in: "roost_data", kinds: "'r'").count <= 8)
      try await project.removeReader()
    }
  }

  /// A night as the others, one that a person approves, one that is taken back, one that is made again.
  private static func publish(_ number: Int, _ project: TestProject) async throws {
    let date = try await project.text("SELECT (date '2024-01-02' + \(number))::text")
    let day = try #require(date)
    switch number % 5 {
    case 2:
      try await project.sql("UPDATE shop.users SET score = score + 1")
      let held = try await project.run(asOf: day, expecting: .held)
      try await project.heldRuns.approve(held.run, by: "a test")
    case 3:
      try await project.run(asOf: day)
      try await project.rollback { rollback in
        _ = try await rollback.go(to: try await rollback.previous(), by: "a test")
      }
    case 4:
      try await project.run(asOf: day)
      try await project.run(asOf: day)
    default: try await project.run(asOf: day)
    }
  }
}

/// How far the publications are, and what readers saw that they should not have, from any task.
private final class Progress: Sendable {
  private struct State {
    var night = 0
    var count = 0
    var problems: [String] = []
  }
  private let state = Mutex(State())
  let nights: Int

  init(nights: Int) { self.nights = nights }

  var isOver: Bool { state.withLock { $0.night } > nights }
  var count: Int { state.withLock { $0.count } }
  /// The first few.
  var problems: [String] { state.withLock { Array($0.problems.prefix(5)) } }

  func reach(_ night: Int) { state.withLock { $0.night = night } }

  func expect(_ found: String, _ expected: String, _ what: String) {
    state.withLock {
      $0.count += 1
      if found != expected { $0.problems.append("\(what): \(found), not \(expected)") }
    }
  }

  /// Lets some publications pass.
  func wait(_ count: Int) async throws {
    let until = min(state.withLock { $0.night } + count, nights + 1)
    while state.withLock({ $0.night }) < until { try await Task.sleep(for: .milliseconds(3)) }
  }
}
