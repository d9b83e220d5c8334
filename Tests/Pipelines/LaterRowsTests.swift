import PipelineFiles
import Runs
import Testing

/// A run for an instant long past reads what was there then, and leaves the rest in the source.
@Suite struct LaterRowsTests {
  @Test func `rows of later days stay in the source`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      let all = try await project.texts("SELECT count(*)::text FROM shop.users").first
      try await project.database.connection.execute(
        script: """
          INSERT INTO shop.users (user_id, since)
          SELECT 1000000 + i, timestamptz '2026-06-01 00:00:00+08' + i * interval '1 day'
          FROM generate_series(0, 9) i
          """)
      try await project.run("users.yaml", asOf: "2026-06-01")
      let read = try await project.texts(
        "SELECT details ->> 'read' FROM roost.stages WHERE stage = 'users' ORDER BY run_id")
      #expect(read == [all, all].compactMap(\.self))
    }
  }
}
