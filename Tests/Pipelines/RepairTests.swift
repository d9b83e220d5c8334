import Foundation
import PostgresClient
import Runs
import TestSupport
import Testing

/// What becomes of publications that somebody changes by hand.
@Suite struct RepairTests {
  private func withNights(
    _ days: [String] = ["2024-06-01", "2024-06-02"], settings: String = "",
    _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject(settings: settings) { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      for day in days { try await project.run(asOf: day) }
      try await body(project)
    }
  }

  @Test func `rows that are gone are said, cannot come back, and are forgotten`() async throws {
    for damage in ["DROP TABLE", "TRUNCATE", "DETACH"] {
      try await withNights { project in
        let rows = try await project.rowsTable(of: 1)
        try await project.sql(
          damage == "DETACH"
            ? "ALTER TABLE roost_data.marketing_users DETACH PARTITION \(rows)"
            : damage == "TRUNCATE"
              ? "\(withoutTriggers(rows)); TRUNCATE \(rows)" : "\(damage) \(rows)")
        let checked = try await project.check()
        #expect(checked.errors.isEmpty)
        #expect(
          checked.text.contains(
            "warning[R0557]: the rows of run 1 of marketing.users are gone: nobody can go back to it"
          ),
          "\(checked.text)")
        let error = await #expect(throws: DecisionError.self) {
          try await project.rollback { _ = try await $0.go(to: 1, by: "maria") }
        }
        #expect(error.map { "\($0)" }?.contains("no longer kept for marketing.users") == true)
        #expect(try await project.shown() == ["2"])
        #expect(
          try await project.rollback { try await $0.kept().last?.gone } == ["marketing.users"])
        let outcome = try await project.repair()
        #expect(outcome.mended == ["marketing.users: run 1 forgotten, whose rows are gone"])
        #expect(outcome.left == [])
        #expect(try await project.history() == ["2"])
        #expect(!(try await project.check().text.contains("R0557")))
      }
    }
  }

  @Test func `rows that are called something else are found by the run that they are of`()
    async throws
  {
    for change in [
      "ALTER TABLE ROWS RENAME TO renamed", "ALTER TABLE ROWS SET SCHEMA shop",
      "ALTER TABLE ROWS SET SCHEMA shop; ALTER TABLE shop.PLAIN RENAME TO \"Kept 1\"",
    ] {
      try await withNights { project in
        let rows = try await project.rowsTable(of: 1)
        let name = String(rows.split(separator: ".")[1])
        let before = try await project.rows("TABLE marketing.users")
        try await project.sql(change.replacing("ROWS", with: rows).replacing("PLAIN", with: name))
        let text = try await project.check().text
        #expect(
          text.contains(
            "warning[R0557]: \(rows), which holds the rows of run 1 of marketing.users, is called "),
          "\(text)")
        // Nobody reads less than there was.
        await #expect(throws: PostgresError.self) { try await project.history() }
        #expect(try await project.shown() == ["2"])
        // Something else has the name: that stays, and is said.
        try await project.sql("CREATE VIEW \(rows) AS SELECT 1 AS x")
        let refused = try await project.repair()
        #expect(refused.mended == [] && refused.left.count == 1, "\(refused)")
        try await project.sql("DROP VIEW \(rows)")
        let outcome = try await project.repair()
        #expect(outcome.left == [], "\(outcome)")
        #expect(outcome.mended.map { $0.contains("\(rows): has its name again") } == [true])
        #expect(try await project.rowsTable(of: 1) == rows)
        #expect(try await project.rows("TABLE marketing.users") == before)
        _ = try await project.rollback { try await $0.go(to: 1, by: "maria") }
        #expect(try await project.shown() == ["1"])
        #expect(!(try await project.check().text.contains("R0557")))
      }
    }
  }

  @Test func `rows that somebody deleted or put in are said`() async throws {
    let changes = [
      ("DELETE FROM ROWS WHERE user_id < 4", 7),
      (
        """
        CREATE TEMP TABLE more AS SELECT * FROM ROWS LIMIT 2;
        UPDATE more SET user_id = user_id + 100; INSERT INTO ROWS TABLE more
        """, 12
      ),
    ]
    for (change, found) in changes {
      try await withNights { project in
        #expect(!(try await project.check().text.contains("R0557")))
        let rows = try await project.rowsTable(of: 2)
        try await project.sql(
          withoutTriggers(rows) + ";" + change.replacing("ROWS", with: rows)
            + "; SELECT pg_stat_force_next_flush()")
        let text = try await project.check().text
        #expect(
          text.contains("run 2 published 10 rows in marketing.users, and \(found) are there"),
          "\(text)")
      }
    }
  }

  @Test func `what is left is shown where the shown rows are gone`() async throws {
    try await withNights(["2024-06-01", "2024-06-02", "2024-06-02"]) { project in
      try await project.sql("DROP TABLE \(try await project.rowsTable(of: 3))")
      let text = try await project.check().text
      #expect(
        text.contains(
          "run 3 of marketing.users are gone, and marketing.users_current should show them"))
      let outcome = try await project.repair()
      #expect(outcome.mended.last == "marketing.users_current: shows run 2")
      #expect(try await project.shown() == ["2"])
      #expect(try await project.history() == ["1", "2"])
      try await project.run(asOf: "2024-06-03")
      #expect(try await project.shown() == ["4"])
    }
  }

  @Test func `views that were dropped or replaced are made again with their grants`() async throws {
    try await withNights(settings: "grant_to: pg_monitor") { project in
      let may =
        "SELECT has_table_privilege('pg_monitor', 'marketing.users_current', 'SELECT')::text"
      #expect(try await project.text(may) == "true")
      for (damage, message) in [
        ("DROP VIEW marketing.users_current", "the view marketing.users_current is gone"),
        (
          "DROP VIEW marketing.users_current; CREATE VIEW marketing.users_current AS SELECT 1 AS one",
          "the view marketing.users_current is not as roost made it"
        ),
        (
          "CREATE OR REPLACE VIEW marketing.users_current AS SELECT * FROM roost_data.marketing_users WHERE false",
          "the view marketing.users_current is not as roost made it"
        ),
        (
          "REVOKE SELECT ON marketing.users_current FROM pg_monitor",
          "the role 'pg_monitor' may not read marketing.users_current any more"
        ),
      ] {
        try await project.sql(damage)
        let checked = try await project.check()
        #expect(checked.errors.isEmpty && checked.text.contains(message), "\(checked.text)")
        let outcome = try await project.repair(grantTo: "pg_monitor")
        #expect(outcome.mended.count == 1 && outcome.left == [], "\(outcome)")
        #expect(try await project.shown() == ["2"])
        #expect(try await project.text(may) == "true")
        let about = try await project.text(
          "SELECT obj_description('marketing.users_current'::regclass)")
        #expect(about?.hasPrefix("The latest publication only.") == true)
        #expect(!(try await project.check().text.contains("R0557")))
      }
    }
  }

  @Test func `a table in the place of a view stays, and no run goes on before it goes`()
    async throws
  {
    try await withNights { project in
      try await project.sql(
        "DROP VIEW marketing.users_current; CREATE TABLE marketing.users_current (mine int)")
      let checked = try await project.check()
      #expect(
        checked.text.contains(
          "error[R0557]: marketing.users_current is a table, and not the view that roost made"))
      let result = try await project.program.run("repair", "test")
      #expect(result.status == 1)
      #expect(result.errors.contains("rename or drop what has a view's name"), "\(result.errors)")
      try await project.sql("DROP TABLE marketing.users_current")
      let mended = try await project.program.run("repair", TestProject.pipeline)
      #expect(mended.status == 0 && mended.output == "marketing.users_current: made again\n")
      #expect(try await project.shown() == ["2"])
      let again = try await project.program.run("repair", "test", "--dry-run")
      #expect(again.status == 0 && again.errors.contains("all is as it should be"))
    }
  }

  @Test func `a table that is gone with all its rows is begun anew`() async throws {
    try await withNights { project in
      try await project.sql("DROP TABLE roost_data.marketing_users CASCADE")
      let checked = try await project.check()
      #expect(
        checked.text.contains(
          "error[R0557]: roost_data.marketing_users, which holds the rows of marketing.users, is gone"
        ))
      let outcome = try await project.repair()
      #expect(outcome.left == [], "\(outcome)")
      #expect(outcome.mended.contains("marketing.users_current: shows nothing until the next run"))
      #expect(try await project.count("marketing.users") == 0)
      try await project.run(asOf: "2024-06-03")
      #expect(try await project.shown() == ["3"])
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  /// What the views must show, by a model that knows nothing of Postgres.
  private struct Model {
    struct Publication {
      let run: Int
      let day: Int
      var isLive = true
      var isGone = false
    }

    var publications: [Publication] = []
    var current: Int?

    private func day(of run: Int?) -> Int { publications.first { $0.run == run }?.day ?? 0 }

    mutating func publish(_ run: Int, _ day: Int) {
      for place in publications.indices where publications[place].day == day {
        publications[place].isLive = false
      }
      if self.day(of: current) <= day { current = run }
      publications.append(Publication(run: run, day: day))
    }

    mutating func goBack(to run: Int) {
      let day = day(of: run)
      for place in publications.indices where publications[place].day == day {
        publications[place].isLive = publications[place].run == run
      }
      current = run
    }

    mutating func repair() {
      let gone = publications.filter(\.isGone)
      publications.removeAll(where: \.isGone)
      for lost in gone where lost.isLive {
        if let place = publications.lastIndex(where: { $0.day == lost.day }) {
          publications[place].isLive = true
        }
      }
      if gone.contains(where: { $0.run == current }) {
        current = publications.filter(\.isLive).max { $0.day < $1.day }?.run
      }
    }

    var isWhole: Bool { !publications.contains(where: \.isGone) }
    var history: [String] { publications.filter(\.isLive).map(\.run).sorted().map(String.init) }
  }

  private static let seeds: ClosedRange<UInt64> =
    1...(ProcessInfo.processInfo.environment["ROOST_REPAIRS"].flatMap(UInt64.init) ?? 2)

  @Test(arguments: seeds)
  func `any sequence of publications, ways back, damage and repairs shows what it should`(
    seed: UInt64
  )
    async throws
  {
    try await withNights([]) { project in
      var random = SeededGenerator(seed: seed)
      var model = Model()
      for _ in 0..<14 {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
          let day = Int.random(in: 1...4, using: &random)
          model.publish(try await project.run(asOf: "2024-06-0\(day)").run, day)
        case 4..<6:
          guard let wanted = model.publications.randomElement(using: &random) else { continue }
          let back = { try await project.rollback { try await $0.go(to: wanted.run, by: "x") } }
          if wanted.isGone {
            await #expect(throws: DecisionError.self) { _ = try await back() }
          } else {
            _ = try await back()
            model.goBack(to: wanted.run)
          }
        case 6..<8:
          let there = model.publications.indices.filter { !model.publications[$0].isGone }
          guard let place = there.randomElement(using: &random) else { continue }
          let rows = try await project.rowsTable(of: model.publications[place].run)
          try await project.sql("DROP TABLE \(rows)")
          model.publications[place].isGone = true
        case 8:
          let text = try await project.check().text
          #expect(text.contains("R0557") == !model.isWhole, "\(text)")
        default:
          if model.publications.isEmpty { continue }
          let outcome = try await project.repair()
          #expect(outcome.left == [])
          #expect(outcome.mended.isEmpty == model.isWhole)
          model.repair()
        }
        guard model.isWhole, !model.publications.isEmpty else { continue }
        #expect(try await project.history() == model.history)
        #expect(try await project.shown() == [model.current].compactMap { $0.map(String.init) })
      }
    }
  }
}

/// What somebody has to say first who is bent on changing rows.
private func withoutTriggers(_ table: String) -> String {
  "ALTER TABLE \(table) DISABLE TRIGGER USER"
}

extension TestProject {
  fileprivate func shown() async throws -> [String] {
    try await texts("SELECT DISTINCT run_id FROM marketing.users_current")
  }

  fileprivate func history() async throws -> [String] {
    try await texts("SELECT DISTINCT run_id FROM marketing.users ORDER BY 1")
  }

  /// The partition with a run's rows.
  fileprivate func rowsTable(of run: Int) async throws -> String {
    try await texts(
      """
      SELECT c.oid::regclass::text FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
      WHERE i.inhparent = 'roost_data.marketing_users'::regclass
        AND pg_get_expr(c.relpartbound, c.oid) LIKE '%, ''\(run)'') TO (%'
      """
    ).first ?? "roost_data.none"
  }

  fileprivate func repair(grantTo role: String? = nil) async throws -> Repair.Outcome {
    try await Repair.run(
      stateDatabase, pipeline: "test", environment: .standard, grantTo: role)
  }
}
