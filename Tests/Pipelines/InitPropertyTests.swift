import Drafting
import PostgresClient
import TestSupport
import Testing

/// Whatever a schema looks like: what is drafted for it is right, or it is said why nothing is.
@Suite struct InitPropertyTests {
  @Test(arguments: 1...12) func `a draft passes its check and runs`(seed: UInt64) async throws {
    try await withProject { project in
      var drafted = 0
      for round in 0..<5 {
        var schema = RandomSchema(seed: seed * 1000 + UInt64(round))
        let script = schema.script()
        try await project.sql("DROP SCHEMA IF EXISTS s CASCADE; CREATE SCHEMA s;" + script)
        let draft: ProjectDraft
        do {
          draft = try await ProjectInit(schemas: ["s"]).draft(
            for: project.stateDatabase,
            publishingTo: project.stateDatabase)
        } catch is InitError {
          continue
        }
        drafted += 1
        let folder = "round\(round)"
        try ProjectInit.write(draft, to: project.folder.appending(path: folder).path)
        let path = "\(folder)/\(draft.pipeline)"
        var project = project
        project.environment["ROOST_HASH_KEY"] = "a key for tests that is long enough"
        let checked = try await project.check(path)
        let errors = checked.errors.map { "\($0.message)" }
        #expect(errors.isEmpty, "\(script)\n\(draft.text(draft.pipeline) ?? "")")
        if errors.isEmpty, round == 0 { try await project.run(path, publishes: false) }
      }
      #expect(drafted > 0, "no schema of five has customers")
    }
  }
}

/// Tables with names and types as people choose them, and as nobody should.
private struct RandomSchema {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private static let tables = [
    "users", "customers", "Members", "orders", "Order Details", "purchases", "events", "scores",
    "segments", "churn", "user_features", "payments", "clean_orders", "no", "null", "select", "会员",
    "订单", "a.b", "x\ny", "products", "publish_scores", "42", "logins", "customer",
  ]
  private static let ids = [
    "id", "user_id", "customer_id", "User Id", "CustomerID", "member_no", "uid", "order_id",
    "email",
    "segment", "m", "churn_risk", "用户编号", "order", "as_of",
  ]
  private static let others = [
    "amount", "Total", "price", "quantity", "qty", "status", "state", "created_at", "ordered_on",
    "date", "time", "timestamp", "updated_at", "loaded_at", "when", "at", "email", "phone", "name",
    "Full Name", "birth_date", "tags", "payload", "kind", "user", "select", "spend_30d", "a\"b",
    "c'd",
    "#x", "- y", "z: 1", "{q}", "password", "recency_days", "true", "on", "$1", ":name", "下单时间",
    "ip",
  ]
  private static let idTypes = ["int", "bigint", "text", "uuid", "numeric(10,0)", "varchar(20)"]
  private static let types = [
    "int", "bigint", "smallint", "numeric(10,2)", "numeric", "float8", "real", "text", "varchar(9)",
    "date", "timestamp", "timestamptz", "timestamptz NOT NULL", "date NOT NULL", "boolean", "jsonb",
    "text[]", "inet", "uuid", "money", "interval", "char(3)", "time", "bytea", "point",
  ]

  private mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }

  private func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  mutating func script() -> String {
    let id = pick(Self.ids)
    let type = pick(Self.idTypes)
    var script = ""
    let names = Self.tables.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random))
    for (place, name) in names.enumerated() {
      var columns = ["\(quoted(id)) \(pick([type, type, type, "int"]))"]
      var taken: Set<String> = [id]
      if place > 0, Bool.random(using: &random), taken.insert("id").inserted {
        columns.append("\"id\" \(pick(Self.idTypes))\(pick(["", " PRIMARY KEY"]))")
      } else if place == 0, Bool.random(using: &random) {
        columns[0] += " PRIMARY KEY"
      }
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let column = pick(Self.others)
        guard taken.insert(column).inserted else { continue }
        let isTime = ["created_at", "ordered_on", "at", "date"].contains(column)
        columns.append(
          "\(quoted(column)) \(isTime ? pick(["date", "timestamptz", "timestamp"]) : pick(Self.types))"
        )
      }
      columns.shuffle(using: &random)
      script += "CREATE TABLE s.\(quoted(name)) (\(columns.joined(separator: ", ")));\n"
    }
    return script
  }
}
