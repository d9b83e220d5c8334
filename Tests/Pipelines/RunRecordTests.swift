import PipelineFiles
import State
import Testing

/// What is kept of a run and how it is listed.
@Suite struct RunRecordTests {
  @Test func `a run that did not publish is not listed as one that did`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      try await project.run("users.yaml", asOf: "2026-06-02", publishes: false)
      let store = try await RunStore.open(project.stateDatabase)
      let runs = try await store.runs(limit: 5)
      await store.close()
      #expect(runs.map(\.publishes) == [false, true])
      #expect(runs.map(\.zone.name) == ["Asia/Shanghai", "Asia/Shanghai"])
      let listed = try await project.program.run("runs").output.split(separator: "\n")
      #expect(listed[1].contains("succeeded, not published"), "\(listed)")
      #expect(!listed[2].contains("not published"))
      // In the zone in which it was asked for.
      #expect(listed[1].contains(" 2026-06-02 ") && listed[2].contains(" 2026-06-01 "))
      let shown = try await project.program.run("show", "2").output
      #expect(shown.contains("as of 2026-06-02 (Asia/Shanghai), succeeded, not published"))
    }
  }

  @Test func `a cancelled run gives no other reason`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let task = Task {
        try await project.run("users.yaml", expecting: .cancelled) { event in
          if case .began = event { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      #expect(try await task.value.outcome.error == nil)
      #expect(
        try await project.texts("SELECT state || coalesce(error, '') FROM roost.runs")
          == ["cancelled"])
    }
  }
}
