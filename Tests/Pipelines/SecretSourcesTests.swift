import Foundation
import TestSupport
import Testing

/// Where secrets come from, and where they must not go.
@Suite struct SecretSourcesTests {
  private static let password = "pa55-of-the-shop"

  /// Runs over a shop whose connection has a password, which Postgres does not ask for here.
  private func withSecrets(_ body: (TestProject, String) async throws -> Void) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let url = project.url + "&password=\(Self.password)"
      try await body(project, url)
    }
  }

  @Test func `a value may stand in a file that a variable names`() async throws {
    try await withSecrets { project, url in
      var project = project
      let file = try project.write("secret.txt", url + "\n")
      project.environment["SHOP_DATABASE_URL"] = nil
      project.environment["SHOP_DATABASE_URL_FILE"] = file
      let result = try await project.program.run("run", "users.yaml")
      #expect(result.status == 0, "\(result.errors)")
      project.environment["SHOP_DATABASE_URL_FILE"] = file + ".missing"
      let missing = try await project.program.run("check", "users.yaml")
      #expect(missing.status == 2)
      #expect(
        missing.errors.contains("the file that SHOP_DATABASE_URL_FILE names cannot be read"),
        "\(missing.errors)")
    }
  }

  @Test func `a connection may be a service of pg_service.conf`() async throws {
    try await withSecrets { project, url in
      var project = project
      let host = try #require(url.firstMatch(of: #/host=([^&]+)/#)?.1)
      project.environment["PGSERVICEFILE"] = try project.write(
        "services.conf",
        """
        [shop]
        host=\(host)
        port=5432
        user=\(project.role?.name ?? "postgres")
        dbname=\(project.database.name)
        password=\(Self.password)
        """)
      project.environment["SHOP_DATABASE_URL"] = "service=shop"
      let result = try await project.program.run("run", "users.yaml")
      #expect(result.status == 0, "\(result.errors)")
      // Where it fails, the service is what a person knows it by.
      project.environment["SHOP_DATABASE_URL"] = "service=shop port=1"
      let broken = try await project.program.run("check", "users.yaml")
      #expect(broken.status == 5)
      #expect(broken.errors.contains("service shop"), "\(broken.errors)")
      #expect(!broken.errors.contains(Self.password))
    }
  }

  @Test func `no secret is among the arguments, in the output, or in the tables of roost`()
    async throws
  {
    try await withSecrets { project, url in
      var project = project
      project.environment["SHOP_DATABASE_URL"] = url
      project.environment["WAREHOUSE_DATABASE_URL"] = url
      let holder = try await project.database.connect()
      try await project.run("users.yaml", asOf: "2026-05-01")
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-01"])
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      let arguments = try Data(
        contentsOf: URL(filePath: "/proc/\(running.processIdentifier)/cmdline"))
      #expect(arguments.range(of: Data(Self.password.utf8)) == nil)
      #expect(
        try await project.texts(
          "SELECT to_jsonb(a)::text FROM pg_stat_activity a WHERE datname = current_database()"
        )
        .allSatisfy { !$0.contains(Self.password) })
      // Ends with an error that names the connection.
      try await project.sql(
        "SELECT pg_terminate_backend(pid) FROM \(TestProject.locks) WHERE locktype = 'advisory' AND pid <> \(try await holder.query("SELECT pg_backend_pid()")[0].int(0))"
      )
      await holder.close()
      let result = try await running.result()
      #expect(result.status != 0)
      for text in [result.output, result.errors] { #expect(!text.contains(Self.password)) }
      for table in ["runs", "stages", "events", "targets", "holdings"] {
        #expect(
          try await project.texts("SELECT to_jsonb(t)::text FROM roost.\(table) t")
            .allSatisfy { !$0.contains(Self.password) && !$0.contains(TestProject.holdoutKey) })
      }
    }
  }
}
