import Testing

/// What the program says to commands that are not quite right, and at the end of a run.
@Suite struct CommandLineTests {
  @Test func `what was meant is said`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let cases: [([String], [String])] = [
        (["chek", "pipeline.yaml"], ["there is no command 'chek'", "did you mean 'check'?"]),
        (
          ["check", "pipeline.yaml", "--as-of", "1998-02-30"],
          ["--as-of: there is no day 1998-02-30"]
        ),
        (["check", "pipeline.yaml", "--as-of", "1998-7-1"], ["--as-of: ", "write 1998-07-01"]),
        (["check", "pipeline.yaml", "--as-of", "01.07.1998"], ["--as-of: ", "write 1998-07-01"]),
        (["preview", "pipeline.yaml"], ["name a stage", "  clean_orders (clean)\n"]),
        (["render", "pipeline.yaml"], ["name a stage", "  users (extract)\n"]),
        (["preview", "pipeline.yaml", "users", "--limit", "-1"], ["--limit must not be negative"]),
        (["run", "pipeline.yaml", "--environment", "Dev-1"], ["Usage: roost run <file>"]),
      ]
      for (arguments, messages) in cases {
        let ended = try await project.program.start(arguments).result()
        #expect(ended.status == 64, "\(arguments): \(ended.errors)")
        for message in messages {
          #expect(ended.errors.contains(message), "\(message) is not in:\n\(ended.errors)")
        }
      }
    }
  }

  @Test func `keys of a stage and an as-of in a file are told from kinds and instants`()
    async throws
  {
    try await withProject { project in
      try project.write(
        "wrong.yaml",
        """
        pipeline: wrong
        as_of: 1998-07-01
        stages:
          a: { clean: { input: b }, depends_on: [b] }
          c: { clean: { input: b }, owner: me }
          d: { sparkle: {} }

        """)
      let ended = try await project.program.run("check", "wrong.yaml", "--offline")
      #expect(ended.status == 2)
      for message in [
        "roost run FILE --as-of 1998-07-01", "a stage has no key 'depends_on'",
        "write after: [stage]", "a stage has no key 'owner' beside its kind",
        "'owner' belongs beside 'pipeline'", "there is no stage kind 'sparkle'",
        "the kinds are extract, clean, ",
      ] { #expect(ended.errors.contains(message), "\(message) is not in:\n\(ended.errors)") }
    }
  }

  @Test func `a run ends with where its result is read`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let program = project.program
      func run(_ arguments: String...) async throws -> String {
        let ended = try await program.start(["run", "pipeline.yaml"] + arguments).result()
        #expect(ended.status == 0, "\(ended.errors)")
        return ended.errors
      }
      let tried = try await run("--as-of", "2026-06-01", "--no-publish")
      #expect(tried.contains("run 1 succeeded, not published in "))
      #expect(tried.contains(" rows, not published\n") && !tried.contains("read marketing"))
      let real = try await run("--as-of", "2026-06-01")
      #expect(!real.contains("not published"))
      #expect(real.contains("\nread marketing.scores_current\n"))
      #expect(real.contains("\nread marketing.campaign_assignments_current\n"))
      let older = try await run("--as-of", "2026-05-31")
      #expect(
        older.contains("; marketing.scores_current still shows the run of 2026-06-01\n"), "\(older)"
      )
    }
  }

  @Test func `a connection that cannot be made is named`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      var project = project
      project.environment["SHOP_DATABASE_URL"] = "postgresql://someone@127.0.0.1:1/shop"
      let ended = try await project.program.run("check", "pipeline.yaml")
      #expect(ended.status == 5)
      #expect(ended.errors.contains("connection 'shop' (SHOP_DATABASE_URL): "), "\(ended.errors)")
    }
  }
}
