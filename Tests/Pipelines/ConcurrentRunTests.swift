import Runs
import Testing

/// Runs at the same time, as when a scheduler catches up.
@Suite struct ConcurrentRunTests {
  private static let shop = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.users AS
    SELECT i AS user_id, timestamptz '2025-01-01' AS since FROM generate_series(1, 10) i;
    """

  @Test func `first runs of several as-ofs and pipelines all succeed`() async throws {
    try await withProject { project in
      try await project.sql(Self.shop)
      for name in ["one", "two"] {
        try project.write(
          "\(name).yaml",
          """
          pipeline: \(name)
          stages:
            users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
            publish: { write: { input: users, table: marketing.\(name), key: user_id, keep: 2d } }
          """)
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in ["one", "two"] {
          for day in 1...4 {
            group.addTask { try await project.run("\(name).yaml", asOf: "2026-06-0\(day)") }
          }
        }
        try await group.waitForAll()
      }
      for name in ["one", "two"] {
        #expect(
          try await project.texts("SELECT DISTINCT as_of::date FROM marketing.\(name)_current")
            == ["2026-06-04"])
      }
      #expect(
        try await project.count("roost.runs WHERE state = 'succeeded'") == 8)
    }
  }

  @Test func `two processes make the state schema once`() async throws {
    try await withProject { project in
      try await project.sql(Self.shop)
      try project.write(
        stages: "  users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }"
      )
      let processes = try ["2026-06-01", "2026-06-02"].map { asOf in
        try project.program.start(["run", "pipeline.yaml", "--as-of", asOf])
      }
      for process in processes { #expect(try await process.result().status == 0) }
      #expect(try await project.count("roost.schema_version") == 1)
      #expect(try await project.count("roost.runs WHERE state = 'succeeded'") == 2)
    }
  }
}
