import Foundation
import PostgresClient
import Runs
import TestSupport
import Testing

/// A shop on a cluster of its own, over which runs are struck, with what a run left alone makes of it.
struct ChaosShop: Sendable {
  static let asOf = "2026-06-01"
  static let tables = SmallShop.tables + ["marketing.twins", "marketing.other_twins"]
  private static let arguments = ["pipeline.yaml", "--as-of", asOf]

  /// Two tables that always change together, and SQL of the author's own.
  private static let more = """

      twins: { extract: { from: shop, table: shop.twins, key: id, timeless: a test } }
      other_twins: { extract: { from: shop, table: shop.other_twins, key: id, timeless: a test } }
      publish_twins: { write: { input: twins, table: marketing.twins, key: id } }
      publish_others: { write: { input: other_twins, table: marketing.other_twins, key: id } }
      count: { sql: { run: count.sql, creates: { marketing.runs: { run_id: bigint } } } }
    """

  let cluster: DurableCluster
  var project: TestProject
  /// What is published when nothing disturbs.
  private(set) var undisturbed: [String: [String]] = [:]
  /// How long a run takes that nothing disturbs.
  private(set) var seconds = 1.0
  /// Everything that a run writes about itself, as blows at transitions.
  private(set) var transitions: [Blow] = []

  static func with(_ body: (ChaosShop) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(component: "roost-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await DurableCluster.with { cluster in
      let database = try await cluster.makeDatabase("chaos")
      let role = try await database.makeOrdinaryRole()
      var shop = ChaosShop(
        cluster: cluster,
        project: TestProject(
          folder: folder, database: database, role: role,
          environment: [
            "SHOP_DATABASE_URL": role.url, "WAREHOUSE_DATABASE_URL": role.url,
            "ROOST_HOLDOUT_KEY": TestProject.holdoutKey,
            "ROOST_STATE_KEY": String(repeating: "5a", count: 32),
          ]))
      try await shop.setUp()
      try await body(shop)
    }
  }

  private mutating func setUp() async throws {
    try project.write(
      "roost.yaml",
      """
      roost: 1
      connections: { shop: "${SHOP_DATABASE_URL}", warehouse: "${WAREHOUSE_DATABASE_URL}" }
      state: warehouse
      holdout_key: ${ROOST_HOLDOUT_KEY}
      """)
    try await project.sql(
      SmallShop.schema + SmallShop.rows + """

        CREATE TABLE shop.twins (id int8);
        CREATE TABLE shop.other_twins (id int8);
        INSERT INTO shop.twins SELECT generate_series(1, 1000);
        INSERT INTO shop.other_twins SELECT generate_series(1, 1000);
        CREATE SCHEMA chaos;
        CREATE TABLE chaos.target (condition text);
        CREATE FUNCTION chaos.wait() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared(77, 77); RETURN NEW; END $$;
        CREATE SEQUENCE chaos.failures;
        CREATE FUNCTION chaos.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('chaos.failures') <= 2 THEN
            RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full';
          END IF;
        END $$;
        """)
    try project.write("count.sql", "INSERT INTO marketing.runs VALUES (:run_id);")
    try project.write(
      TestProject.pipeline,
      "pipeline: test\ntimezone: UTC\nretry: { delay: 1s }\nstages:\n"
        + SmallShop.stages + Self.more + "\n")
    let began = ContinuousClock.now
    let result = try await start("run").result()
    #expect(result.status == 0, "\(result.errors)")
    seconds = (ContinuousClock.now - began) / .seconds(1)
    undisturbed = try await project.published(Self.tables)
    let events = try await project.database.connection.query(
      """
      SELECT DISTINCT event, coalesce(stage, '') AS stage FROM roost.events
      WHERE event NOT IN ('note', 'warning') ORDER BY 1, 2
      """)
    transitions = try events.map { row in
      let (event, stage) = (try row.string("event"), try row.string("stage"))
      return .killAt(
        table: "roost.events",
        condition: "NEW.event = '\(event)' AND coalesce(NEW.stage, '') = '\(stage)'")
    }
    transitions += [
      "roost.runs", "roost.stages", "roost.publications", "roost.current_publications",
      "marketing.runs",
    ].map { .killAt(table: $0, condition: "true") }
  }

  func start(_ command: String, resumes: Bool = false, limitsFiles: Bool = false) throws
    -> Program.Running
  {
    var program = project.program
    if limitsFiles {
      // A file that outgrows the limit is refused, as on a full disk.
      program.starter = ["/bin/bash", "-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\""]
    }
    return try program.start(
      [command] + Self.arguments + ["--state-dir", project.state]
        + (resumes ? ["--resume"] : []))
  }

  /// After a crash the old connections are gone.
  mutating func reopen() async throws {
    project = TestProject(
      folder: project.folder, database: try await cluster.reopened(project.database),
      role: project.role, environment: project.environment)
  }
}
