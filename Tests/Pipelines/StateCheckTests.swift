import Foundation
import PostgresClient
import Runs
import TestSupport
import Testing

/// What `check` says of the database that keeps the state and takes what is published.
@Suite struct StateCheckTests {
  @Test(arguments: [
    ("ALTER ROLE", "the role makes transactions read only"),
    ("ALTER DATABASE", "the database makes transactions read only"),
  ])
  func `a state that is read only is refused`(_ alter: String, _ message: String) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let name = alter == "ALTER ROLE" ? project.role?.name : project.database.name
      try await project.sql("\(alter) \(name ?? "") SET default_transaction_read_only = on")
      let checked = try await project.check("users.yaml")
      #expect(checked.errors.map(\.code.rawValue) == ["R0531"], "\(checked.text)")
      #expect(checked.text.contains(message), "\(checked.text)")
    }
  }

  @Test func `a state of a newer roost is refused by name`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml")
      try await project.sql("INSERT INTO roost.schema_version (version) VALUES (10000)")
      let checked = try await project.check("users.yaml")
      #expect(checked.errors.map(\.code.rawValue) == ["R0532"], "\(checked.text)")
      #expect(checked.text.contains("install the newer roost"), "\(checked.text)")
    }
  }

  @Test func `schemas that somebody made for the role are used`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let role = try #require(project.role).name
      try await project.sql(
        """
        CREATE SCHEMA roost AUTHORIZATION \(role);
        CREATE SCHEMA roost_data AUTHORIZATION \(role);
        CREATE SCHEMA marketing AUTHORIZATION \(role);
        REVOKE CREATE ON DATABASE \(project.database.name) FROM \(role);
        """)
      try await project.run("users.yaml")
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  @Test func `rows that belong to another role are refused before a night`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml")
      try await project.sql("ALTER TABLE roost_data.marketing_users OWNER TO postgres")
      let checked = try await project.check("users.yaml")
      #expect(
        checked.text.contains("its rows belong to the role 'postgres'"), "\(checked.text)")
    }
  }

  @Test(.enabled(if: Pooler.isThere))
  func `a state behind a transaction pooler is refused by check and run with the same words`()
    async throws
  {
    try await withProject { project in
      try await project.setUpUsers()
      try await Pooler.with(.transaction, size: 3) { pooler in
        var project = project
        project.environment["WAREHOUSE_DATABASE_URL"] = pooler.url(of: project.database)
        let program = project.program
        let checked = try await program.run("check", "users.yaml")
        let ran = try await program.run("run", "users.yaml", "--as-of", "2026-06-01")
        for result in [checked, ran] {
          #expect(result.status == 2)
          #expect(result.errors.contains("error[R0530]"), "\(result.errors)")
          #expect(
            result.errors.contains(
              "is a transaction pooler, behind which a run cannot hold its lock"),
            "\(result.errors)")
        }
      }
    }
  }

  @Test(.enabled(if: Pooler.isThere))
  func `a source behind a busy pool is checked, seen and read`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await Pooler.with(.transaction, size: 3) { pooler in
        var project = project
        project.environment["SHOP_DATABASE_URL"] = pooler.url(of: project.database)
        let program = project.program
        try await pooler.busy(project.database) {
          for _ in 0..<3 {
            let checked = try await program.run("check", "users.yaml")
            #expect(checked.status == 0, "\(checked.errors)")
          }
          let seen = try await program.run("preview", "users.yaml", "users")
          #expect(seen.status == 0, "\(seen.errors)")
          let ran = try await program.run("run", "users.yaml", "--as-of", "2026-06-01")
          #expect(ran.status == 0, "\(ran.errors)")
        }
        #expect(try await project.count("marketing.users_current") == 10)
      }
    }
  }

  @Test(.enabled(if: Pooler.isThere))
  func `a pool in session mode serves source and state`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await Pooler.with(.session, size: 12) { pooler in
        var project = project
        let url = pooler.url(of: project.database)
        project.environment["SHOP_DATABASE_URL"] = url
        project.environment["WAREHOUSE_DATABASE_URL"] = url
        try await project.run("users.yaml")
      }
    }
  }

  @Test func `a bound on a source's statements is told`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let role = try #require(project.role).name
      try await project.sql("ALTER ROLE \(role) SET statement_timeout = '7min'")
      let checked = try await project.check("users.yaml")
      #expect(checked.errors.isEmpty)
      #expect(
        checked.text.contains("connection 'shop' ends statements after 7min"), "\(checked.text)")
      var unbounded = project
      unbounded.environment["SHOP_DATABASE_URL"] =
        project.url + "&options=-c%20statement_timeout%3D0"
      #expect(try await unbounded.check("users.yaml").diagnostics.isEmpty)
    }
  }

  @Test func `waiting sessions outlive what ends idle ones`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let role = try #require(project.role).name
      for setting in [
        "idle_in_transaction_session_timeout = '50ms'", "lock_timeout = '1ms'",
      ] {
        try await project.sql("ALTER ROLE \(role) SET \(setting)")
      }
      // The snapshot's readers of the other source wait for as long as this takes.
      try await project.sql(
        "CREATE VIEW shop.slow AS SELECT user_id, since FROM shop.users, (SELECT pg_sleep(0.3)) s")
      try project.write(
        stages: """
            slow:
              extract: { from: shop, sql: "SELECT user_id, since FROM shop.slow OFFSET 0", key: user_id, time: since }
            users:
              after: slow
              extract: { from: shop, table: shop.users, key: user_id, time: since }
            publish: { write: { input: users, table: marketing.users, key: user_id } }
          """)
      try await project.run()
    }
  }
}
