import Testing

/// The program as scripts see it.
@Suite struct ProgramTests {
  @Test func `wrong usage exits 64 and help is help`() async throws {
    try await withProject { project in
      let program = project.program
      #expect(try await program.run("rum").status == 64)
      #expect(try await program.run("run").status == 64)
      #expect(try await program.run("run", "pipeline.yaml", "--as-off", "x").status == 64)
      for arguments in [
        ["--help"], ["run", "--help"], ["demo", "load", "--help"], ["help", "check"],
      ] {
        let help = try await program.start(arguments).result()
        #expect(help.status == 0)
        #expect(help.output.contains("USAGE: roost"))
        #expect(help.errors == "")
      }
      let help = try await program.run("--help").output
      for command in ["check", "run", "runs", "show", "demo", "Exit codes"] {
        #expect(help.contains(command))
      }
    }
  }

  @Test func `an as-of or environment that cannot be read is wrong usage`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let program = project.program
      let instant = try await program.run("run", "pipeline.yaml", "--as-of", "2026-02-30")
      #expect(instant.status == 64)
      #expect(instant.errors.contains("2026-02-30"))
      let name = try await program.run("run", "pipeline.yaml", "--environment", "Dev-1")
      #expect(name.status == 64)
      #expect(name.errors.contains("Dev-1"))
    }
  }

  @Test func `a database that cannot be reached exits 5 and shows no password`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      var project = project
      let password = "correct-horse-battery"
      for url in [
        "postgresql://someone:\(password)@127.0.0.1:1/shop",
        "postgresql://someone:\(password)@no-such-host.invalid/shop",
        "host=127.0.0.1 port=1 user=someone password=\(password)",
      ] {
        project.environment["SHOP_DATABASE_URL"] = url
        for command in ["check", "run"] {
          let ended = try await project.program.run(command, "pipeline.yaml")
          #expect(ended.status == 5)
          #expect(!ended.errors.contains(password) && !ended.output.contains(password))
          #expect(ended.errors.contains("error:"))
        }
      }
      // What is no address at all is a mistake in a file, and shown as such, but not it.
      project.environment["SHOP_DATABASE_URL"] = "postgresql://someone:\(password)@:x:y/%%"
      let ended = try await project.program.run("check", "pipeline.yaml")
      #expect(ended.status == 2)
      #expect(!ended.errors.contains(password))
      #expect(try await project.count("pg_namespace WHERE nspname = 'roost'") == 0)
    }
  }

  @Test func `a run is shown as text and as JSON, data on standard output`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let ran = try await project.program.run("run", "pipeline.yaml", "--as-of", "2026-06-01")
      #expect(ran.status == 0)
      // Progress is not data.
      #expect(!ran.errors.isEmpty)
      for stage in ["users", "clean_orders", "churn", "publish_targets"] {
        #expect(ran.errors.contains(stage))
      }
      #expect(!ran.errors.contains("\u{1b}"))
      let runs = try await project.program.run("runs", "--format", "json")
      let shown = try await project.program.run("show", "1", "--format", "json")
      for (output, path, value) in [
        (runs.output, "'{0,state}'", "succeeded"), (shown.output, "'{run}'", "1"),
        (shown.output, "'{stages,3,stage}'", "clean_orders"),
        (shown.output, "'{published,0,is_current}'", "true"),
      ] {
        let rows = try await project.database.connection.query(
          "SELECT $1::jsonb #>> \(path)", [.text(output)])
        #expect(try rows.first?.string(0) == value)
      }
      let text = try await project.program.run("show")
      #expect(text.output.contains("recency alone"))
      #expect(text.output.contains("marketing.targets"))
      #expect(try await project.program.run("show", "77").status == 1)
    }
  }
}
