import PostgresClient
import Runs
import TestSupport
import Testing

/// Rows that are published and that somebody would change by hand.
@Suite struct PublishedRowsTests {
  private static let changes = [
    "TRUNCATE \(table)", "DELETE FROM \(table)", "DELETE FROM \(table) WHERE user_id = 0",
    "UPDATE \(table) SET plan = 'x'", "INSERT INTO \(table) TABLE \(table)",
  ]
  private static let table = "TABLE_NAME"

  private func withNights(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      for day in 1...2 { try await project.run(asOf: "2024-06-0\(day)") }
      try await body(project)
    }
  }

  private func history(_ project: TestProject) async throws -> [String] {
    try await project.texts(
      "SELECT run_id || ' ' || count(*) FROM marketing.users GROUP BY run_id ORDER BY run_id")
  }

  private func expectRefusal(_ tables: [String], _ project: TestProject) async throws {
    for table in tables {
      for change in Self.changes {
        let sql = change.replacing(Self.table, with: "roost_data.\(table)")
        let error = await #expect(throws: PostgresError.self, "\(sql)") {
          try await project.sql(sql)
        }
        #expect(error?.sqlState == "55000", "\(sql): \(String(describing: error))")
      }
    }
  }

  @Test func `they are refused, of every night, and the history is as it was`() async throws {
    try await withNights { project in
      try await expectRefusal(
        ["marketing_users_r1_1", "marketing_users_r2_1", "marketing_users"], project)
      #expect(try await history(project) == ["1 10", "2 10"])
      // What is roost's own work goes on: another column type, other rows, and those that go.
      try await project.sql("ALTER TABLE shop.users ALTER score TYPE int8")
      try project.writeNightly("keep: 1d")
      try await project.run(asOf: "2024-06-02")
      try await project.run(asOf: "2024-06-03")
      #expect(try await history(project) == ["3 10", "4 10"])
      #expect(
        try await project.relations(in: "roost_data", kinds: "'r'")
          .contains("marketing_users_r1_1") == false)
    }
  }

  @Test func `what an older program published is guarded from the next run on`() async throws {
    try await withNights { project in
      let tables = ["marketing_users_r1_1", "marketing_users_r2_1", "marketing_users"]
      for table in tables {
        try await project.sql("DROP TRIGGER roost_keeps_rows ON roost_data.\(table)")
      }
      try await project.run(asOf: "2024-06-03")
      try await expectRefusal(tables, project)
      // Who has switched it off wanted that.
      try await project.sql(
        "ALTER TABLE roost_data.marketing_users_r1_1 DISABLE TRIGGER roost_keeps_rows")
      try await project.run(asOf: "2024-06-04")
      try await project.sql("TRUNCATE roost_data.marketing_users_r1_1")
      #expect(
        try await project.check().text.contains("the rows of run 1 of marketing.users are gone"))
    }
  }
}
