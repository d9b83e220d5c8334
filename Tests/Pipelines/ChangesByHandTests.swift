import Runs
import Testing

/// What becomes of publications that somebody changes by hand.
@Suite struct ChangesByHandTests {
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

  @Test func `rows that are gone are said and cannot come back`() async throws {
    for damage in ["DROP TABLE", "TRUNCATE", "DETACH"] {
      try await withNights { project in
        let rows = try await project.rowsTable(of: 1)
        try await project.sql(
          damage == "DETACH"
            ? "ALTER TABLE roost_data.marketing_users DETACH PARTITION \(rows)"
            : "\(damage) \(rows)")
        let checked = try await project.check()
        #expect(checked.errors.isEmpty)
        #expect(
          checked.text.contains(
            "warning[R0557]: the rows of run 1 of marketing.users are gone: nobody can go back to it"
          ),
          "\(checked.text)")
        let error = await #expect(throws: RunError.self) {
          try await project.rollback { _ = try await $0.go(to: 1, by: "maria") }
        }
        #expect(error.map { "\($0)" }?.contains("no longer kept for marketing.users") == true)
        #expect(try await project.shown() == ["2"])
        #expect(
          try await project.rollback { try await $0.kept().last?.gone } == ["marketing.users"])
      }
    }
  }
}

extension TestProject {
  fileprivate func shown() async throws -> [String] {
    try await texts("SELECT DISTINCT run_id FROM marketing.users_current")
  }

  /// The partition with a run's rows.
  fileprivate func rowsTable(of run: Int) async throws -> String {
    try await texts(
      """
      SELECT c.oid::regclass::text FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
      WHERE i.inhparent = 'roost_data.marketing_users'::regclass
        AND pg_get_expr(c.relpartbound, c.oid) IN ('FOR VALUES IN (''\(run)'')', 'FOR VALUES IN (\(run))')
      """
    ).first ?? "roost_data.none"
  }
}
