import Frames
import PostgresClient
import Runs
import Testing

/// Going back to an earlier publication.
@Suite struct RollbackTests {
  private func shown(_ project: TestProject) async throws -> [String] {
    try await project.texts("SELECT DISTINCT run_id FROM marketing.users_current")
  }

  private func nights(
    _ project: TestProject, _ days: [String], _ write: String = ""
  ) async throws -> [Int] {
    try await project.setUpNightlyUsers()
    try project.writeNightly(write)
    var runs: [Int] = []
    for day in days { runs.append(try await project.run(asOf: day).run) }
    return runs
  }

  @Test func `it goes back step by step, is recorded, and the next run publishes`() async throws {
    try await withProject { project in
      let runs = try await nights(project, ["2024-06-01", "2024-06-02", "2024-06-03"])
      for expected in [runs[1], runs[0]] {
        try await project.rollback { rollback in
          _ = try await rollback.go(to: try await rollback.previous(), by: "maria")
        }
        #expect(try await shown(project) == ["\(expected)"])
      }
      await #expect(throws: DecisionError.self) {
        try await project.rollback { _ = try await $0.previous() }
      }
      #expect(
        try await project.rows("SELECT run_id, details->>'from', made_by FROM roost.decisions")
          == ["(\(runs[0]),\(runs[1]),maria)", "(\(runs[1]),\(runs[2]),maria)"])
      // The history is as it was.
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users ORDER BY 1")
          == runs.map(String.init))
      let next = try await project.run(asOf: "2024-06-04")
      #expect(try await shown(project) == ["\(next.run)"])
      // What readers saw before it.
      #expect(try await project.rollback { try await $0.previous() } == runs[0])
      let asOf = try #require(Instant("2024-06-02", in: .utc))
      #expect(try await project.rollback { try await $0.run(asOf: asOf) } == runs[1])
    }
  }

  @Test func `a run of the same as-of can be taken back`() async throws {
    try await withProject { project in
      let runs = try await nights(project, ["2024-06-01", "2024-06-01"])
      try await project.rollback { rollback in
        _ = try await rollback.go(to: try await rollback.previous(), by: "maria")
      }
      for table in ["marketing.users", "marketing.users_current"] {
        #expect(
          try await project.texts("SELECT DISTINCT run_id FROM \(table)") == ["\(runs[0])"])
      }
      #expect(
        try await project.count("roost.publications WHERE superseded_at IS NULL") == 1)
    }
  }

  @Test func `of one as-of that is made again and again the latest publications stay`() async throws
  {
    try await withProject { project in
      let runs = try await nights(
        project, ["2024-06-01", "2024-06-02"] + Array(repeating: "2024-06-01", count: 5))
      // What readers saw before is among them, and what counted last.
      let kept = [runs[1], runs[6], runs[5], runs[4], runs[0]]
      #expect(try await project.rollback { try await $0.kept().map(\.run) } == kept)
      #expect(
        try await project.relations(in: "roost_data").filter { $0.contains("users_r") }.count == 5)
      #expect(
        try await project.texts(
          "SELECT run_id || ': ' || note FROM roost.stages, unnest(notes) note WHERE note LIKE '%let go%'"
        )
          == [runs[5], runs[6]].map {
            "\($0): marketing.users: 1 superseded publication let go; of one as-of the latest 3 stay"
          })
      #expect(try await project.rollback { try await $0.previous() } == runs[0])
      _ = try await project.rollback { try await $0.go(to: runs[0], by: "maria") }
      #expect(try await shown(project) == ["\(runs[0])"])
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users ORDER BY 1")
          == [runs[0], runs[1]].map(String.init))
    }
  }

  @Test func `what is no longer kept cannot come back, and what is shown is kept`() async throws {
    try await withProject { project in
      let days = (1...4).map { "2024-06-0\($0)" }
      let runs = try await nights(project, days, "keep: 2d")
      #expect(
        try await project.rollback { try await $0.kept().map(\.run) } == [
          runs[3], runs[2], runs[1],
        ])
      await #expect(throws: DecisionError.self) {
        try await project.rollback { try await $0.go(to: runs[0], by: "maria") }
      }
      _ = try await project.rollback { try await $0.go(to: runs[1], by: "maria") }
      // It goes only when something else is shown.
      try await project.run(asOf: "2024-05-01")
      #expect(try await shown(project) == ["\(runs[1])"])
      #expect(try await project.count("marketing.users_current") == 10)
      try await project.run(asOf: "2024-06-05")
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users ORDER BY 1")
          == ["\(runs[2])", "\(runs[3])", "\(runs[3] + 2)"])
    }
  }

  @Test func `of two tables the one that the run did not publish stays`() async throws {
    try await withProject { project in
      let runs = try await nights(project, ["2024-06-01"])
      try project.writeNightly(
        more: "  again: { write: { input: known, table: marketing.again, key: user_id } }")
      let second = try await project.run(asOf: "2024-06-02")
      let outcome = try await project.rollback { try await $0.go(to: runs[0], by: "maria") }
      #expect(outcome.untouched == ["marketing.again"])
      #expect(try await shown(project) == ["\(runs[0])"])
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.again_current")
          == ["\(second.run)"])
    }
  }
}
