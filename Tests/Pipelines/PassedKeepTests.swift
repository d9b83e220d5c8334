import Runs
import Testing

/// Publications that are older than what their table keeps.
@Suite struct PassedKeepTests {
  private func history(_ project: TestProject) async throws -> [String] {
    try await project.texts("SELECT DISTINCT as_of::date::text FROM marketing.users ORDER BY 1")
  }

  @Test func `a backfill of what would not stay is refused, and begins where it stays`()
    async throws
  {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly("keep: 7d")
      try await project.run(asOf: "2024-06-30")
      func backfill(_ from: String, _ to: String) async throws -> Program.Result {
        try await project.program.run(
          "backfill", TestProject.pipeline, "--from", from, "--to", to)
      }
      let refused = try await backfill("2024-06-01", "2024-06-25")
      #expect(refused.status == 64)
      #expect(
        refused.errors.contains(
          """
          --from: runs for as-ofs before 2024-06-23 would let go what they publish: marketing.users keeps 7d, \
          and its newest publication is of 2024-06-30
            help: begin with --from 2024-06-23
          """), "\(refused.errors)")
      #expect(try await history(project) == ["2024-06-30"])
      // A list that is longer than what is kept loses its own beginning.
      #expect(try await backfill("2024-07-01", "2024-07-20").status == 64)
      let done = try await backfill("2024-06-23", "2024-06-24")
      #expect(done.status == 0, "\(done.errors)")
      #expect(try await history(project) == ["2024-06-23", "2024-06-24", "2024-06-30"])
      // A table that keeps everything is worth a backfill.
      try project.writeNightly(
        "keep: 7d",
        more: "  again: { write: { input: known, table: marketing.again, key: user_id } }")
      let both = try await backfill("2024-06-02", "2024-06-03")
      #expect(both.status == 0 && both.errors.contains("warning: runs for as-ofs before"))
      #expect(try await project.count("marketing.again") == 20)
    }
  }

  @Test func `a run says that what it publishes goes with the next one`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly("keep: 7d")
      try await project.run(asOf: "2024-06-30")
      let old = try await project.run(asOf: "2024-06-01")
      #expect(
        try await project.texts(
          "SELECT warnings[1] FROM roost.stages WHERE run_id = \(old.run) AND stage = 'publish'")
          == [
            "marketing.users keeps 7d, and its newest publication is of 2024-06-30: what this run has "
              + "published goes with the next one, unless it is shown"
          ])
      let recent = try await project.run(asOf: "2024-06-29")
      #expect(
        try await project.text(
          "SELECT warnings::text FROM roost.stages WHERE run_id = \(recent.run) AND stage = 'publish'"
        )
          == "{}")
      #expect(try await history(project) == ["2024-06-29", "2024-06-30"])
    }
  }
}
