import PostgresClient
import Runs
import TestSupport
import Testing

/// Two projects whose states are two databases of one server, with the same names of pipelines and tables.
@Suite struct TwoStatesTests {
  @Test func `what one state publishes the other neither sees nor waits for`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let name = project.database.name + "_second"
      try await project.sql("CREATE DATABASE \(name)")
      var second = project
      let url = project.url.replacing("/\(project.database.name)?", with: "/\(name)?")
      second.environment["WAREHOUSE_DATABASE_URL"] = url
      let role = try #require(project.role)
      try await project.sql("GRANT CREATE ON DATABASE \(name) TO \(role.name)")
      let connection = try await PostgresConnection.connect(to: try ConnectionString(url))
      func runs() async throws -> [String] {
        try await connection.query(
          "SELECT run_id || ' ' || state FROM roost.runs ORDER BY run_id"
        ).map { try $0.string(0) }
      }
      // The same run at the same time, by locks of the same names.
      async let one = project.run("users.yaml")
      async let two = second.run("users.yaml")
      let (first, other) = try await (one, two)
      #expect(first.run == 1 && other.run == 1)
      #expect(try await runs() == ["1 succeeded"])
      #expect(
        try await connection.query("SELECT count(*) FROM marketing.users_current")[0].int(0) == 10)

      // While one waits to publish, the other goes on.
      let holder = try await project.database.connect()
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let waiting = Task { try await project.run("users.yaml", asOf: "2026-06-02") }
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      try await second.run("users.yaml", asOf: "2026-06-02")
      #expect(try await runs() == ["1 succeeded", "2 succeeded"])
      #expect(try await project.texts("SELECT DISTINCT run_id FROM marketing.users") == ["1"])
      await holder.close()
      _ = try await waiting.value
      // Neither settles, prunes or counts what is the other's.
      #expect(
        try await project.texts("SELECT state FROM roost.runs") == ["succeeded", "succeeded"])
      await connection.close()
      try await project.sql("DROP DATABASE \(name) WITH (FORCE)")
    }
  }

  /// Both write into one schema of the database that both use: two projects may not share a table.
  @Test func `a table that another state publishes is refused`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml")
      // Somebody begins anew, with the published views still there.
      try await project.sql(
        "ALTER SCHEMA roost RENAME TO roost_old; ALTER SCHEMA roost_data RENAME TO roost_data_old")
      let checked = try await project.check("users.yaml")
      #expect(checked.errors.map(\.code) == [.targetConflict], "\(checked.text)")
      try await project.sql(
        "DROP SCHEMA IF EXISTS roost, roost_data CASCADE; ALTER SCHEMA roost_old RENAME TO roost; "
          + "ALTER SCHEMA roost_data_old RENAME TO roost_data")
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }
}
