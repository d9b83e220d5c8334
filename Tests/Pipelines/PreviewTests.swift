import Diagnostics
import Foundation
import PipelineFiles
import PostgresClient
import Runs
import Testing

/// What `roost preview` shows of a stage, with Postgres as the witness.
@Suite struct PreviewTests {
  @Test func `an extract shows the rows of its source in the order of their key`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let shown = try await project.preview("orders", "--limit", "100000", "--format", "json")
      #expect(shown.status == 0)
      #expect(
        try await project.difference(
          "SELECT value FROM \(try project.elements(shown.output))",
          "SELECT to_jsonb(o) FROM shop.orders o WHERE loaded_at < '2026-06-01Z'") == [])
      let ordered = try await project.text(
        """
        SELECT bool_and(id >= before)::text FROM (
          SELECT (value->>'order_id')::int8 AS id,
            lag((value->>'order_id')::int8) OVER (ORDER BY place) AS before
          FROM \(try project.elements(shown.output))) s
        """)
      #expect(ordered == "true")
    }
  }

  @Test func `one long cell does not lengthen every row`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.sql("UPDATE shop.users SET level = repeat('é', 500000) WHERE user_id = 3")
      let shown = try await project.program.run("preview", "users.yaml", "users")
      #expect(shown.status == 0, "\(shown.errors)")
      let lines = shown.output.split(separator: "\n")
      #expect(lines.count { $0.utf8.count > 1_000_000 } == 1)
      #expect(lines.count { $0.utf8.count > 2000 } == 1)
    }
  }

  @Test func `a write shows what a run publishes`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.run()
      for (stage, table) in [
        ("publish_features", "features"), ("publish_scores", "scores"),
        ("publish_targets", "targets"), ("user_features", "features"), ("win_back", "targets"),
      ] {
        let shown = try await project.preview(stage, "--limit", "100000", "--format", "json")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(
          try await project.difference(
            "SELECT value FROM \(try project.elements(shown.output))",
            "SELECT to_jsonb(t) - 'as_of' - 'run_id' FROM marketing.\(table)_current t") == [],
          "\(stage)")
        #expect(try await project.count("marketing.\(table)_current") > 0)
      }
      #expect(try await project.count("roost.runs") == 1)
    }
  }

  @Test func `a preview writes nothing and waits for nobody`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let before = try FileManager.default.contentsOfDirectory(atPath: project.folder.path)
      let relations = "SELECT oid::text FROM pg_class ORDER BY oid"
      let known = try await project.texts(relations)
      #expect(try await project.preview("publish_targets").status == 0)
      #expect(try await project.texts(relations) == known)
      #expect(
        try await project.count(
          "pg_namespace WHERE nspname IN ('roost', 'roost_data', 'marketing')")
          == 0)
      let after = try FileManager.default.contentsOfDirectory(atPath: project.folder.path)
      // The program's own output is caught in files here.
      #expect(Set(after.filter { !$0.hasPrefix("out-") && !$0.hasPrefix("err-") }) == Set(before))

      // Neither a run's lock nor the state's tables are in its way.
      try await project.run()
      let holder = try await project.database.connect()
      try await holder.execute("BEGIN")
      try await holder.execute("LOCK TABLE roost.runs, roost.stages IN ACCESS EXCLUSIVE MODE")
      #expect(try await project.preview("segments").status == 0)
      await holder.close()
    }
  }

  @Test func `a model is reported as its run reports it`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let made = try #require(try await project.run().result(of: "churn"))
      let text = try await project.preview("churn")
      #expect(text.status == 0)
      #expect(
        text.output.split(separator: "\n").map(String.init) == ["churn"]
          + made.notes.map { "  \($0)" } + made.warnings.map { "  warning: \($0)" })
      let json = try await project.preview("churn", "--format", "json")
      #expect(JSONValue(parsing: json.output)?["details"] == JSONValue(parsing: made.details.text))
      for arguments in [["--format", "csv"], ["--where", "1 = 1"], ["--columns", "a"]] {
        let refused = try await project.preview("churn", arguments)
        #expect(refused.status == (arguments[0] == "--format" ? 64 : 2))
        #expect(refused.output == "")
        #expect(refused.errors.contains("no rows"), "\(refused.errors)")
      }
    }
  }

  @Test func `where, columns and limit choose what is shown`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let shown = try await project.preview(
        "clean_orders", "--where",
        "amount > 200 and city = 'kiel' and ordered_at < as_of - interval '30 days'",
        "--columns", "amount, order_id", "--limit", "7", "--format", "json")
      #expect(shown.status == 0, "\(shown.errors)")
      let all = try await project.preview("clean_orders", "--limit", "100000", "--format", "json")
      let matching = """
        SELECT value, place FROM \(try project.elements(all.output))
        WHERE (value->>'amount')::numeric > 200 AND value->>'city' = 'kiel'
          AND (value->>'ordered_at')::timestamptz < timestamptz '2026-06-01Z' - interval '30 days'
        """
      #expect(
        try await project.difference(
          "SELECT value FROM \(try project.elements(shown.output))",
          """
          SELECT jsonb_build_object('amount', value->'amount', 'order_id', value->'order_id')
          FROM (\(matching) ORDER BY place LIMIT 7) s
          """) == [])
      let count = try await project.count("(\(matching)) s")
      #expect(
        shown.errors.contains("7 of \(count) rows that match, of 3,000 in all"),
        "\(shown.errors)")
      #expect(shown.output.contains(#"{"amount": "#))

      let none = try await project.preview("users", "--limit", "0", "--format", "json")
      #expect(none.output == "[]\n")
      #expect(none.errors.contains("0 of 120 rows"))
      #expect(try await project.preview("users", "--limit", "-1").status == 64)
    }
  }

  @Test func `mistakes in what is asked are shown at their place`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      for (option, text, message) in [
        ("--where", "amuont > 3", "--where:1:1: error[R0310]: there is no column 'amuont'"),
        ("--where", "city = 'x' and amount", "--where:1:16: error[R0318]"),
        ("--where", "amount", "error[R0318]: --where must be true or false, found numeric(12,2)"),
        ("--where", "sum(amount) > 3", "error[R0320]"),
        ("--where", "amount >", "error[R0301]"),
        ("--columns", "order_id, amuont", "--columns:1:11: error[R0310]"),
        ("--columns", "amount,amount", "--columns:1:8: error[R0112]"),
        ("--columns", "", "error[R0310]"),
      ] {
        let refused = try await project.preview("orders", option, text)
        #expect(refused.status == 2, "\(option) \(text)")
        #expect(refused.output == "")
        #expect(refused.errors.contains(message), "\(refused.errors)")
        #expect(refused.errors.contains("^") || text.isEmpty)
      }
      let misspelt = try await project.preview("clean_order")
      #expect(misspelt.status == 2)
      #expect(
        misspelt.errors.contains("error[R0201]: there is no stage 'clean_order' in pipeline.yaml"))
      #expect(misspelt.errors.contains("did you mean 'clean_orders'?"))
      // What a row makes impossible is known only when it is seen.
      let divided = try await project.preview("orders", "--where", "1 / (order_id - 3) > 0")
      #expect(divided.status == 1)
      #expect(divided.errors.contains("division by zero"))
    }
  }

  @Test func `stages after it may be wrong, and expectations only warn`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at } }
            clean:
              clean:
                input: users
                steps: [ { set: { email: "nullif(email, 'user7@example.com')" } } ]
                expect: [ { rows: ">= 1000" }, { not_null: [email, user_id] } ]
            groups:
              segment:
                input: clean
                rules: [ { name: a, when: no_such_column > 3 } ]
                otherwise: b
          """)
      let shown = try await project.preview("clean")
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.errors.contains("warning: expected rows >= 1000, found 120"))
      #expect(shown.errors.contains("warning: expected no nulls in email, found 1 in 120 rows"))
      #expect(try await project.preview("groups").status == 2)
    }
  }

  @Test func `Ctrl-C cancels`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try project.write("slow.sql", "SELECT u.*, pg_sleep(60)::text AS slept FROM shop.users u")
      try project.write(
        stages:
          "  users: { extract: { from: shop, sql: slow.sql, key: user_id, time: signed_up_at } }")
      let running = try project.program.start(["preview", "pipeline.yaml", "users"])
      let sleeping =
        "pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%pg_sleep%' AND wait_event = 'PgSleep'"
      try await project.wait(for: "EXISTS (SELECT FROM \(sleeping))")
      running.interrupt()
      let ended = try await running.result()
      #expect(ended.status == 130)
      #expect(ended.output == "")
      #expect(ended.errors.contains("cancelled"))
      try await project.wait(for: "NOT EXISTS (SELECT FROM \(sleeping))")
    }
  }
}

extension TestProject {
  /// Calls `roost preview` for the night that the small shop is for.
  func preview(_ stage: String, _ arguments: String...) async throws -> Program.Result {
    try await preview(stage, arguments)
  }

  func preview(_ stage: String, _ arguments: [String]) async throws -> Program.Result {
    try await program.start(
      ["preview", Self.pipeline, stage, "--as-of", "2026-06-01"] + arguments
    ).result()
  }

  /// The elements of a JSON list as rows `(value, place)` of a FROM item.
  func elements(_ json: String) throws -> String {
    "jsonb_array_elements(\(try SQL.literal(json))::jsonb) WITH ORDINALITY AS e(value, place)"
  }
}
