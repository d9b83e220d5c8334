import Foundation
import PostgresClient
import TestSupport
import Testing

extension ChaosShop {
  /// Begins a run, strikes it, resumes it until it is done, and looks at what it left.
  /// - Returns: whether the run was struck before it was done.
  mutating func strike(_ blow: Blow) async throws -> Bool {
    let before = try await project.text("SELECT max(run_id) FROM roost.runs") ?? "0"
    let watch = try await VisibilityWatch.begin(project.database)
    let status = try await run(under: blow)
    var last = status
    var resumed = 0
    while last != 0, resumed < 5 {
      resumed += 1
      last = try await start("run", resumes: true).result().status
    }
    #expect(last == 0, "\(blow): \(resumed) resumed runs did not end well")
    try await watch.end()
    let isSame = try await project.published(Self.tables) == undisturbed
    #expect(isSame, "\(blow)")
    // The author's own SQL ran once for the run, or once for each whole run.
    #expect(
      try await project.texts(
        "SELECT count(*) FROM marketing.runs WHERE run_id > \(before) GROUP BY run_id"
      )
      .allSatisfy { $0 == "1" }, "\(blow)")
    try await expectSettled(blow)
    return status != 0
  }

  private func expectSettled(_ blow: Blow) async throws {
    // The server lets the locks of a killed client go in its own time.
    try await project.wait(for: "NOT EXISTS (SELECT FROM \(TestProject.advisoryLocks))")
    try await project.expectNothingLeft()
    #expect(
      try await project.texts("SELECT run_id FROM roost.runs WHERE state <> 'succeeded'") == [],
      "\(blow)")
    #expect(
      try await project.texts(
        "SELECT stage FROM roost.stages WHERE state NOT IN ('succeeded') AND run_id = (SELECT max(run_id) FROM roost.runs)"
      ) == [], "\(blow)")
  }

  private mutating func run(under blow: Blow) async throws -> Int32 {
    switch blow {
    case .killAt(let table, let condition): return try await killAt(table, condition)
    case .kill(let part):
      let running = try start("run")
      try await Task.sleep(for: .seconds(seconds * part))
      running.kill()
      return try await running.result().status
    case .crash(let part):
      let running = try start("run")
      try await Task.sleep(for: .seconds(seconds * part))
      try await cluster.crash()
      let status = try await running.result().status
      try await reopen()
      return status
    case .cutCopy: return try await cutCopy()
    case .fullDisk: return try await start("run", limitsFiles: true).result().status
    case .fullServer:
      try await project.sql(
        """
        ALTER SEQUENCE chaos.failures RESTART;
        CREATE EVENT TRIGGER full_server ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
          EXECUTE FUNCTION chaos.refuse();
        """)
      let status = try await start("run").result().status
      try await project.sql("DROP EVENT TRIGGER full_server")
      return status
    case .second:
      let runs = [try start("run"), try start("run")]
      let statuses = [try await runs[0].result().status, try await runs[1].result().status]
      // One of them may have been done before the other began.
      #expect(statuses.allSatisfy { $0 == 0 || $0 == 4 }, "\(statuses)")
      return statuses.max() ?? 0
    }
  }

  /// Kills a run that is about to write a row.
  private func killAt(_ table: String, _ condition: String) async throws -> Int32 {
    let holder = try await project.database.connect()
    try await holder.query("SELECT pg_advisory_lock(77, 77)")
    try await project.sql(
      """
      CREATE TRIGGER chaos BEFORE INSERT OR UPDATE ON \(table)
      FOR EACH ROW WHEN (\(condition)) EXECUTE FUNCTION chaos.wait()
      """)
    let running = try start("run")
    try await project.wait(
      for: """
        EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND classid = 77 AND NOT granted)
        """)
    running.kill()
    let status = try await running.result().status
    // The backend still waits; what it was about to write must not come to be.
    try await project.sql(
      """
      SELECT pg_terminate_backend(pid) FROM \(TestProject.advisoryLocks)
        AND classid = 77 AND NOT granted
      """)
    await holder.close()
    try await project.sql("DROP TRIGGER chaos ON \(table)")
    return status
  }

  private func cutCopy() async throws -> Int32 {
    // Who reads this table stands still in its COPY until it is cut.
    try await project.sql(
      """
      CREATE TABLE IF NOT EXISTS chaos.is_cut (pid int);
      TRUNCATE chaos.is_cut;
      ALTER TABLE shop.twins RENAME TO real_twins;
      CREATE OR REPLACE FUNCTION shop.slowly(id int8) RETURNS int8 LANGUAGE plpgsql VOLATILE AS $$
      BEGIN IF id = 500 THEN PERFORM pg_advisory_xact_lock_shared(77, 77); END IF; RETURN id; END $$;
      CREATE VIEW shop.twins AS SELECT shop.slowly(id) AS id FROM shop.real_twins;
      """)
    let holder = try await project.database.connect()
    try await holder.query("SELECT pg_advisory_lock(77, 77)")
    let running = try start("run")
    try await project.wait(
      for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND classid = 77 AND NOT granted)")
    try await project.sql(
      """
      SELECT pg_terminate_backend(pid) FROM \(TestProject.advisoryLocks)
        AND classid = 77 AND NOT granted
      """)
    await holder.close()
    let status = try await running.result().status
    try await project.sql(
      "DROP VIEW shop.twins; ALTER TABLE shop.real_twins RENAME TO twins;")
    return status
  }
}

/// Reads what is visible again and again while runs come and go: always whole, always of one run.
final class VisibilityWatch: Sendable {
  private let task: Task<Int, any Error>

  private init(_ task: Task<Int, any Error>) { self.task = task }

  static func begin(_ database: TestDatabase) async throws -> VisibilityWatch {
    let views = ChaosShop.tables.map { "SELECT run_id FROM \($0)_current" }
      .joined(separator: " UNION ALL ")
    return VisibilityWatch(
      Task {
        var looks = 0
        var connection: PostgresConnection?
        while !Task.isCancelled {
          do {
            if connection == nil { connection = try await database.connect() }
            // One statement sees one snapshot of all tables.
            let rows = try await connection?.query("SELECT DISTINCT run_id FROM (\(views)) v") ?? []
            #expect(rows.count == 1, "readers saw \(rows.count) runs at once")
            looks += 1
          } catch let error as PostgresError
            where error.kind != .statement || error.sqlState?.hasPrefix("57P") == true
          {
            // Postgres itself was away.
            connection = nil
          }
        }
        return looks
      })
  }

  func end() async throws {
    task.cancel()
    #expect(try await task.value > 0)
  }
}
