import Foundation
import Inspection
import PostgresClient
import State
import Synchronization
import TestSupport
import Testing

@testable import Runs

/// Runs that end early and go on: what they publish, and what they take from checkpoints.
@Suite struct ResumeTests {
  static let asOf = "2026-06-01"

  /// Every order of the shop becomes another, and more are there, all of it known before the as-of.
  private static let change = """
    UPDATE shop.orders SET amount = amount + 1;
    INSERT INTO shop.orders
    SELECT 10000 + i, i, 5, 1, 'Kiel', 1, t, t, t
    FROM generate_series(1, 40) i, (VALUES (timestamptz '2026-05-20 00:00+00')) v(t);
    DELETE FROM shop.users WHERE user_id > 100;
    """

  @Test(arguments: [
    "users", "orders", "sends", "clean_orders", "user_features", "churn", "scores", "segments",
    "win_back", "publish_features", "publish_scores", "publish_targets",
  ]) func `a run that ended at any stage goes on to the tables of one instant`(stage: String)
    async throws
  {
    try await withResumable { project in
      try await project.run(asOf: Self.asOf)
      let undisturbed = try await project.published()
      try await project.runCancelled(at: stage)
      let kept = project.checkpointed
      let done = try await project.texts(
        "SELECT stage FROM roost.stages WHERE run_id = 2 AND state = 'succeeded'")
      #expect(kept.isSuperset(of: done.filter { !$0.hasPrefix("publish") }))
      let hasSources = kept.isSuperset(of: ["users", "orders", "sends"])

      try await project.sql(Self.change)
      let ran = try await project.resume()
      #expect(ran.run == 2)
      #expect(
        try await project.text("SELECT attempt FROM roost.runs WHERE run_id = 2") == "2",
        "\(ran.notes)")
      let published = try await project.published()
      try await project.expectNothingLeft()
      #expect(ran.reused == (hasSources ? kept : []))
      if hasSources {
        let isSame = published == undisturbed
        #expect(isSame)
      } else {
        try await project.run(asOf: Self.asOf)
        let isNew = try await project.published() == published && published != undisturbed
        #expect(isNew)
      }
    }
  }

  /// What a stage behind it says decides what is kept of a stage, and what it chooses for all instants.
  @Test
  func `a checkpoint is not used where a stage behind it asks for more, or for other instants`()
    async throws
  {
    let read = SmallShop.stages.replacing(
      "table: shop.users,", with: "sql: SELECT * FROM shop.users,")
    let top = SmallShop.stages.replacing(
      "recency_days:", with: "city: { share_of: city, top: 2 }\n            recency_days:")
    for (before, after, again) in [
      (read, read.replacing("spend_30d > 0", with: "spend_30d > 0 and email is not null"), "users"),
      (top, top.replacing("count: 2 }", with: "count: 3 }"), "user_features"),
    ] {
      try await withResumable { project in
        try project.write(stages: after)
        try await project.run(asOf: Self.asOf)
        let expected = try await project.published()
        try project.write(stages: before)
        try await project.runCancelled(at: "publish_targets")
        try project.write(stages: after)
        let ran = try await project.resume()
        #expect(!ran.reused.contains(again), "\(ran.reused)")
        #expect(ran.reused.contains("sends") == (again != "users"), "\(ran.reused)")
        let isSame = try await project.published() == expected
        #expect(isSame)
      }
    }
  }

  @Test func `what changed is made again with all that follows, and nothing else`() async throws {
    try await withResumable { project in
      let changed = SmallShop.stages.replacing("90d > 0", with: "90d > 1")
      try project.write(stages: changed)
      try await project.run(asOf: Self.asOf)
      let expected = try await project.published()
      try project.write(stages: SmallShop.stages)
      try await project.runCancelled(at: "publish_targets")

      try project.write(stages: "\n# a remark\n" + changed)
      try await project.sql(Self.change)
      let ran = try await project.resume()
      #expect(
        ran.reused == ["users", "orders", "sends", "clean_orders", "user_features"])
      let isSame = try await project.published() == expected
      #expect(isSame)
    }
  }

  /// As the session of a host that is gone holds it, until the server notices.
  @Test func `who holds the row of the run is named while a resume waits`() async throws {
    try await withResumable { project in
      try await project.runCancelled(at: "publish_targets")
      let gone = try await project.database.connect(
        options: ConnectionOptions(applicationName: "gone"))
      try await gone.execute(
        script: "BEGIN; SELECT FROM roost.runs WHERE run_id = 1 FOR SHARE")
      let ran = try await project.run(
        asOf: Self.asOf,
        patience: LockPatience(
          rows: .milliseconds(50), firstPause: .milliseconds(1), longestPause: .milliseconds(20),
          total: .seconds(900)), resumes: true,
        observer: { event in
          guard case .note(let text) = event, text.hasPrefix("waits for run 1") else { return }
          #expect(text.contains("(gone)"), "\(text)")
          Task { await gone.close() }
        })
      #expect(ran.run == 1)
      #expect(ran.notes.contains { $0.hasPrefix("waits for run 1, which is in use by session") })
    }
  }

  @Test func `a damaged checkpoint is made again`() async throws {
    try await withResumable { project in
      try await project.run(asOf: Self.asOf)
      let undisturbed = try await project.published()
      for (stage, ending) in [("clean_orders", ".frame"), ("churn", ".data")] {
        try await project.runCancelled(at: "scores")
        let file = try #require(
          project.checkpointFiles.first { $0.contains("/\(stage)/") && $0.hasSuffix(ending) })
        var bytes = try Data(contentsOf: URL(filePath: file))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: file))
        let ran = try await project.resume()
        #expect(ran.notes.contains { $0.contains("\(stage) is made again") }, "\(ran.notes)")
        let isSame = try await project.published() == undisturbed
        #expect(isSame)
      }
    }
  }

  @Test func `a damaged checkpoint of a source makes all sources be read again`() async throws {
    try await withResumable { project in
      try await project.runCancelled(at: "publish_targets")
      let file = try #require(
        project.checkpointFiles.first { $0.contains("/orders/") && $0.hasSuffix(".frame") })
      try Data().write(to: URL(filePath: file))
      try await project.sql(Self.change)
      try await project.resume()
      let published = try await project.published()
      try await project.run(asOf: Self.asOf)
      let isSame = try await project.published() == published
      #expect(isSame)
    }
  }

  @Test func `without a key nothing personal is on the disk, and the sources are read again`()
    async throws
  {
    try await withResumable(key: nil) { project in
      // Then somebody uses the address.
      try project.write(
        stages: SmallShop.stages + """

            addresses: { clean: { input: users, steps: [ { reject: { where: "email is null", reason: none } } ] } }
            publish_addresses:
              write:
                { input: addresses, table: marketing.addresses, key: user_id,
                  allow_personal: { email: a test } }
          """)
      try await project.runCancelled(at: "publish_targets")
      for file in project.checkpointFiles {
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(bytes.range(of: Data("user17@example.com".utf8)) == nil, "\(file)")
      }
      let ran = try await project.resume()
      #expect(ran.reused.isEmpty)
      let plan = try await project.program.run("plan", "pipeline.yaml", "--as-of", Self.asOf)
      #expect(plan.status == 0)
    }
  }

  @Test func `a run that is done is not made again, and a new one starts from the source`()
    async throws
  {
    try await withResumable { project in
      try await project.run(asOf: Self.asOf, stateFolder: project.state)
      let again = try await project.resume()
      #expect(again.run == 1)
      #expect(try await project.count("roost.runs") == 1)
      try await project.runCancelled(at: "scores")
      try await project.sql(Self.change)
      let fresh = try await project.run(asOf: Self.asOf, stateFolder: project.state)
      #expect(fresh.reused.isEmpty)
      #expect(fresh.run == 3)
    }
  }

  @Test func `plan says what would be reused, and why something would not`() async throws {
    try await withResumable { project in
      try await project.runCancelled(at: "publish_targets")
      try project.write(stages: SmallShop.stages.replacing("rounds: 5", with: "rounds: 6"))
      let lines = try await project.resumePlan()
        .map { $0.trimmingCharacters(in: .whitespaces) }
      func after(_ stage: String) -> String {
        let start = lines.firstIndex { $0.contains(". \(stage) (") } ?? 0
        return lines[(start + 1)...].first { $0.hasPrefix("reuse") || $0.hasPrefix("make it") }
          ?? ""
      }
      #expect(after("users").hasPrefix("reuse what run 1 kept at"))
      #expect(after("churn") == "make it again: its definition changed")
      #expect(after("scores") == "make it again: churn, which it uses, is not what it was")
    }
  }

  @Test func `what a run leaves that was killed when it had published goes with the next look`()
    async throws
  {
    try await withResumable { project in
      try project.write(
        TestProject.pipeline,
        "pipeline: test\ntimezone: UTC\nkeep_checkpoints: true\nstages:\n\(SmallShop.stages)\n")
      _ = try await project.resume()
      #expect(!project.checkpointFiles.isEmpty)
      // A folder that is recorded and gone, as if killed between the two.
      try await project.sql(
        """
        INSERT INTO roost.holdings (name, kind, entity_columns)
        SELECT regexp_replace(name, '[0-9]+$', '12345'), kind, entity_columns FROM roost.holdings
        WHERE name LIKE '%/checkpoints/%'
        """)
      // Resumed where there is nothing to resume, it leaves what the pipeline wants to keep.
      _ = try await project.resume()
      #expect(!project.checkpointFiles.isEmpty)
      #expect(
        try await project.count("roost.holdings WHERE name LIKE '%/checkpoints/%'") == 1)

      try project.write(stages: SmallShop.stages)
      #expect(try await project.resume().notes.contains { $0.contains("is done already") })
      try await project.expectNothingLeft()
      #expect(try await project.count("roost.runs") == 1)
    }
  }
}

/// Runs `body` with the small shop, and with a folder and a key for what runs keep.
func withResumable(
  key: String? = String(repeating: "5a", count: 32), _ body: (TestProject) async throws -> Void
) async throws {
  try await withProject { project in
    var project = project
    project.environment["ROOST_STATE_KEY"] = key
    try await project.setUpSmallShop()
    try await body(project)
  }
}

extension TestProject {
  var state: String { folder.appending(component: "state").path }

  /// Makes a run that is cancelled when a stage begins.
  func runCancelled(at stage: String) async throws {
    let project = self
    let making = Mutex<Task<Void, any Error>?>(nil)
    let task = Task {
      _ = try await project.run(
        asOf: ResumeTests.asOf, stateFolder: project.state, expecting: .cancelled
      ) { event in
        if case .stageBegan(stage) = event { making.withLock { $0?.cancel() } }
      }
    }
    making.withLock { $0 = task }
    try await task.value
  }

  /// What `roost plan --resume` prints.
  fileprivate func resumePlan() async throws -> [String] {
    let checked = try #require(try await check(asOf: ResumeTests.asOf).pipeline)
    var request = checked.request(
      environment: .standard, publishes: true,
      stateFolder: checked.stateFolder(state, environment: environment))
    request.resumes = true
    return try await PlanReport(request).lines
  }

  @discardableResult
  func resume() async throws -> Ran {
    try await run(asOf: ResumeTests.asOf, stateFolder: state, resumes: true)
  }

  /// The stages of which something is kept.
  fileprivate var checkpointed: Set<String> {
    Set(
      checkpointFiles.filter { $0.hasSuffix("manifest.json") }
        .compactMap { $0.split(separator: "/").dropLast().last.map(String.init) })
  }

  var checkpointFiles: [String] {
    let root = "\(state)/checkpoints"
    return (FileManager.default.subpaths(atPath: root) ?? []).map { "\(root)/\($0)" }
      .filter {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder)
          && !isFolder.boolValue
      }
  }

  /// No file, no lock, and no table but those of published runs.
  func expectNothingLeft() async throws {
    #expect(checkpointFiles.isEmpty)
    // The server notices in its own time that a session has ended.
    try await wait(for: "NOT EXISTS (SELECT FROM \(Self.advisoryLocks))")
    // What was let go stays until no snapshot shows it, and goes with the next run: here at once.
    try await wait(
      for: """
        NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid())
        """)
    let connection = try await PostgresConnection.connect(to: stateDatabase)
    try await Housekeeping(connection: connection).dropForgotten()
    await connection.close()
    #expect(
      try await texts(
        """
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'roost_data'::regnamespace AND c.relkind = 'r'
          AND NOT EXISTS (SELECT FROM roost.publications p
            WHERE 'roost_data.' || c.relname = p.rows_in)
        """) == [])
    #expect(
      try await texts(
        "SELECT name FROM roost.holdings WHERE kind = 'file' AND name LIKE '%/checkpoints/%'") == []
    )
  }
}

extension TestProject.Ran {
  /// The stages that came from checkpoints.
  var reused: Set<String> {
    Set(events.compactMap { if case .stageReused(let stage, _) = $0 { stage } else { nil } })
  }

  var notes: [String] {
    events.compactMap { if case .note(let text) = $0 { text } else { nil } }
  }
}
