import Diagnostics
import Foundation
import Testing

/// Mistakes are found before any data moves, each with its place and a remedy.
@Suite struct CheckTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let name: String
    var pipeline = CheckTests.pipeline
    var sql = CheckTests.sql
    var environment: [String: String?] = [:]
    /// `file:line:column` and what the messages must say.
    let place: String
    let says: [String]

    var testDescription: String { name }
  }

  static let pipeline = """
    pipeline: test
    stages:
      users:
        extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
      orders:
        extract: { from: shop, sql: sql/orders.sql, key: order_id, time: ordered_at }
      clean:
        clean:
          input: orders
          steps: [ { reject: { where: amount < 0, reason: negative } } ]
      features:
        features:
          entity: users.user_id
          windows: [30d]
          from: { clean: { windowed: { spend: sum(amount) } } }
      publish: { write: { input: features, table: marketing.features, key: user_id } }
    """
  static let sql = "SELECT order_id, user_id,\n  amount, ordered_at\nFROM shop.orders\n"

  static let mistakes: [Mistake] = [
    Mistake(
      name: "a misspelt key", pipeline: pipeline.replacing("windowed:", with: "windowd:"),
      place: "pipeline.yaml:15:24", says: ["windowd", "did you mean 'windowed'?"]),
    Mistake(
      name: "a misspelt key of the project", pipeline: pipeline,
      environment: ["settings": "timezon: UTC"], place: "roost.yaml:8:1",
      says: ["timezon", "did you mean 'timezone'?"]),
    Mistake(
      name: "a circle",
      pipeline: pipeline.replacing("input: orders", with: "input: later")
        + "\n  later: { clean: { input: clean } }",
      place: "pipeline.yaml:17:28", says: ["circle", "clean → later → clean"]),
    Mistake(
      name: "a column that is not there",
      pipeline: pipeline.replacing("sum(amount)", with: "sum(amout)"),
      place: "pipeline.yaml:15:47", says: ["'amout'", "did you mean 'amount'?"]),
    Mistake(
      name: "a column that is not there, in an SQL file",
      sql: sql.replacing("amount", with: "amout"),
      place: "sql/orders.sql:2:3", says: ["amout"]),
    Mistake(
      name: "a stage that is not there",
      pipeline: pipeline.replacing("input: features", with: "input: feature"),
      place: "pipeline.yaml:16:30", says: ["'feature'", "did you mean 'features'?"]),
    Mistake(
      name: "a kind that is not there",
      pipeline: pipeline.replacing("  publish: { write:", with: "  publish: { wrote:"),
      place: "pipeline.yaml:16:14", says: ["'wrote'", "did you mean 'write'?"]),
    Mistake(
      name: "a variable that is not set", environment: ["WAREHOUSE_DATABASE_URL": nil],
      place: "roost.yaml:5:14", says: ["WAREHOUSE_DATABASE_URL"]),
  ]

  @Test(arguments: mistakes)
  func `a mistake is told with its place before data moves`(mistake: Mistake) async throws {
    let settings = (mistake.environment["settings"] ?? nil) ?? ""
    try await withProject(settings: settings) { project in
      var project = project
      for (name, value) in mistake.environment where name != "settings" {
        project.environment[name] = value
      }
      try await project.sql(SmallShop.schema)
      try project.write("pipeline.yaml", mistake.pipeline)
      try project.write("sql/orders.sql", mistake.sql)

      let ended = try await project.program.run("run", "pipeline.yaml", "--as-of", "2026-06-01")
      #expect(ended.status == 2)
      #expect(ended.output == "")
      #expect(ended.errors.contains("\(mistake.place): error["), "\(ended.errors)")
      for text in mistake.says { #expect(ended.errors.contains(text), "\(ended.errors)") }
      #expect(ended.errors.contains("  help: "), "\(ended.errors)")
      #expect(ended.errors.contains("^"))
      #expect(
        try await project.texts(
          "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(roost|marketing)'") == [])
      let checked = try await project.program.run("check", "pipeline.yaml")
      #expect(checked.status == 2)
    }
  }

  @Test func `what is right is said to be right`() async throws {
    try await withProject { project in
      try await project.sql(SmallShop.schema)
      try project.write("pipeline.yaml", Self.pipeline)
      try project.write("sql/orders.sql", Self.sql)
      let checked = try await project.program.run("check", "pipeline.yaml")
      #expect(checked.status == 0)
      #expect(checked.output.contains("5 stages"))
      #expect(!checked.errors.contains("future"))
      #expect(try await project.count("pg_namespace WHERE nspname = 'roost'") == 0)
      for command in ["check", "plan", "run"] {
        let early = try await project.program.run(command, "pipeline.yaml", "--as-of", "2999-01-01")
        #expect(early.status == 0)
        let told = early.errors.ranges(of: "the as-of 2999-01-01 lies in the future").count
        #expect(told == 1, "\(command): \(early.errors)")
      }
    }
  }

  @Test func `what stands under the name of a published table is not touched`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      for (made, name) in [
        ("TABLE marketing.scores (x int)", "scores"),
        ("VIEW marketing.features_current AS SELECT 1 AS x", "features"),
        ("TABLE marketing.campaign_assignments (x int)", "campaign_assignments"),
      ] {
        try await project.sql(
          "DROP SCHEMA IF EXISTS marketing CASCADE; CREATE SCHEMA marketing; CREATE \(made)")
        let checked = try await project.check()
        #expect(!checked.errors.isEmpty)
        #expect(checked.errors.count == 1)
        #expect(checked.text.contains("marketing.\(name)"), "\(checked.text)")
        #expect(checked.text.contains("is not roost's"), "\(checked.text)")
      }
    }
  }

  @Test func `a table of another pipeline is not taken over`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.run()
      try project.write("other.yaml", "pipeline: other\nstages:\n\(SmallShop.stages)\n")
      let checked = try await project.check("other.yaml")
      #expect(checked.pipeline == nil)
      #expect(checked.text.contains("published by pipeline 'test'"))
    }
  }
}
