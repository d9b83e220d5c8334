import Runs
import TestSupport
import Testing

/// Partial runs: which stages they make, and what they take from checkpoints.
@Suite struct SelectionTests {
  private static let asOf = ResumeTests.asOf
  private static let all = [
    "users", "orders", "sends", "clean_orders", "user_features", "churn", "scores", "segments",
    "win_back", "publish_features", "publish_scores", "publish_targets",
  ]

  private func withKept(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      var project = project
      project.environment["ROOST_STATE_KEY"] = String(repeating: "5a", count: 32)
      try await project.sql(SmallShop.schema + SmallShop.rows)
      try project.write(
        TestProject.pipeline,
        "pipeline: test\ntimezone: UTC\nkeep_checkpoints: true\nstages:\n\(SmallShop.stages)\n")
      try await project.run(asOf: Self.asOf, stateFolder: project.state)
      try await body(project)
    }
  }

  @Test func `what follows a stage is made, and what it needs comes from checkpoints`() async throws
  {
    try await withKept { project in
      let before = try await project.published()
      // Would show if anything were read again.
      try await project.sql("UPDATE shop.orders SET amount = amount + 5")
      let ran = try await project.run(
        asOf: Self.asOf, stateFolder: project.state, from: ["segments"])
      #expect(
        ran.made == ["segments", "win_back", "publish_targets"])
      #expect(
        ran.reused == ["users", "orders", "sends", "clean_orders", "user_features", "scores"])
      let isSame = try await project.published() == before
      #expect(isSame)
      #expect(
        try await project.texts(
          "SELECT stage FROM roost.stages WHERE run_id = 2 AND state = 'skipped'"
        )
        .sorted() == ["churn", "publish_features", "publish_scores"])
      // It replaced its own table and no other.
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.targets_current") == ["2"])
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.scores_current") == ["1"])
    }
  }

  @Test func `a changed stage upstream is made for those that need it`() async throws {
    try await withKept { project in
      try project.write(
        TestProject.pipeline,
        "pipeline: test\ntimezone: UTC\nkeep_checkpoints: true\nstages:\n"
          + SmallShop.stages.replacing("rounds: 5", with: "rounds: 4") + "\n")
      let ran = try await project.run(
        asOf: Self.asOf, stateFolder: project.state, only: ["publish_scores"])
      #expect(ran.made == ["churn", "scores", "publish_scores"])
    }
  }

  @Test func `without checkpoints everything that is needed is made`() async throws {
    try await withKept { project in
      let ran = try await project.run(asOf: Self.asOf, publishes: false, to: ["user_features"])
      #expect(ran.made == ["users", "orders", "clean_orders", "user_features"])
      #expect(
        try await project.text("SELECT selection::text FROM roost.runs WHERE run_id = 2")
          == "{users,orders,clean_orders,user_features}")
    }
  }

  @Test func `a source that is asked for makes all sources be read together`() async throws {
    try await withKept { project in
      let ran = try await project.run(
        asOf: Self.asOf, stateFolder: project.state, only: ["+clean_orders", "win_back"])
      #expect(ran.made.isSuperset(of: ["users", "orders", "sends"]))
      #expect(ran.reused.isEmpty)
    }
  }

  @Test func `plus signs reach up and down`() async throws {
    try await withKept { project in
      let ran = try await project.run(
        asOf: Self.asOf, stateFolder: project.state, only: ["segments+", "+churn"])
      #expect(
        ran.made == Set(Self.all).subtracting(["publish_features", "publish_scores"]))
    }
  }

  @Test func `an unknown stage is named with the nearest`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let result = try await project.program.run("run", "users.yaml", "--only", "mores")
      #expect(result.status == 64)
      #expect(result.errors.contains("no stage 'mores'"), "\(result.errors)")
      #expect(result.errors.contains("more"), "\(result.errors)")
    }
  }
}

extension TestProject.Ran {
  /// The stages that were made.
  fileprivate var made: Set<String> {
    Set(events.compactMap { if case .stageBegan(let stage) = $0 { stage } else { nil } })
  }
}
