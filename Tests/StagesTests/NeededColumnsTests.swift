import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Stages

/// Extracts read the columns that other stages use, and no others.
struct NeededColumnsTests {
  private static let tables: Tables = [
    "users": empty(["user_id": .int8, "signed_up_at": .timestamptz, "city": .text]),
    "orders": empty([
      "order_id": .int8, "user_id": .int8, "ordered_at": .timestamptz, "amount": .float8,
      "status": .text, "note": .text, "kind": .text,
    ]),
  ]

  private static func empty(_ types: [String: ColumnType]) -> Frame {
    let fields = types.sorted { $0.key < $1.key }.map { Field($0.key, $0.value) }
    return Frame(
      schema: Schema(fields), columns: fields.map { ColumnBuilder(type: $0.type).build() },
      rowCount: 0)
  }

  /// The columns that the extracts of a pipeline read in a run.
  private func read(_ stages: String) throws -> [String: [String]] {
    let report = Report()
    let extracts = """
      users:
        extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
      orders:
        extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at }

      """
    let planned = try #require(
      plan(extracts + stages, Self.tables, asOf: day(2026, 6, 1), report)?.narrowed(),
      "\(TextRenderer().render(report.sorted))")
    return planned.plans.compactMapValues { ($0.work as? ExtractWork)?.sourceSchema.names }
  }

  private static let features = """
    features:
      features:
        entity: users.user_id
        windows: [30d]
        from:
          cleaned: { where: "status = 'paid'", windowed: { orders: count(*) } }
    """

  @Test func `what nobody uses is not read`() throws {
    let read = try read(
      """
      cleaned:
        clean:
          input: orders
          steps: [ reject: { where: "amount < 0", reason: negative } ]
          expect: [ not_null: [kind] ]

      """ + Self.features)
    #expect(read["users"] == ["signed_up_at", "user_id"])
    #expect(read["orders"] == ["amount", "kind", "order_id", "ordered_at", "status", "user_id"])
  }

  @Test(arguments: [
    "steps: [ deduplicate: { by: order_id } ]",
    "{ steps: [ reject: { where: amount < 0, reason: negative } ], quarantine: shop.bad }",
  ])
  func `what looks at whole rows reads them`(_ steps: String) throws {
    let keys =
      steps.hasPrefix("{")
      ? String(steps.dropFirst().dropLast()).trimmingPrefix(" ")
      : Substring(steps)
    let read = try read(
      "cleaned:\n  clean: { input: orders, \(keys) }\n" + Self.features)
    #expect(read["orders"]?.count == 7)
  }

  @Test func `what is published is read whole`() throws {
    let read = try read("published: { write: { input: orders, table: shop.out, key: order_id } }")
    #expect(read["orders"]?.count == 7)
    #expect(read["users"]?.count == 3)
  }

  private static let sent = """
    sent:
      clean: { input: orders, steps: [ reject: { where: "amount < 0", reason: negative } ] }

    """
  private static let known =
    sent + """
      known:
        join: { left: sent, right: users, on: user_id, columns: [city, signed_up_at] }

      """
  private static let both = sent + "both: { union: { inputs: [orders, sent] } }\n"

  @Test func `a join reads and adds what others use of it`() throws {
    let read = try read(
      Self.known + """
        lines:
          features:
            entity: users.user_id
            from:
              known: { ever: { cities: count(distinct city) } }
        """)
    #expect(read["users"] == ["city", "signed_up_at", "user_id"])
    #expect(read["orders"] == ["amount", "order_id", "ordered_at", "user_id"])
  }

  @Test func `a join that adds what nobody uses does not read it`() throws {
    let read = try read(
      Self.known + """
        lines:
          features:
            entity: users.user_id
            from:
              known: { ever: { spent: sum(amount) } }
        """)
    #expect(read["users"] == ["signed_up_at", "user_id"])
  }

  /// Whatever it says that it adds, and how its rows are found and seen.
  @Test(arguments: ["columns: [kind], ", "columns: { kind: what }, many: false, "])
  func `a join that is published whole reads the columns that it names`(keys: String) throws {
    let joined =
      "both: { join: { left: users, right: orders, \(keys)on: { user_id: order_id } } }\n"
    let published = "published: { write: { input: both, table: shop.out, key: user_id } }"
    let read = try read(joined + published)
    #expect(read["orders"] == ["kind", "order_id", "ordered_at"])
    #expect(read["users"]?.count == 3)
  }

  @Test func `a join that adds all reads all`() throws {
    let read = try read(
      """
      both: { join: { left: users, right: orders, on: user_id } }
      published: { write: { input: both, table: shop.out, key: user_id } }
      """)
    #expect(read["orders"]?.count == 7)
  }

  @Test func `a union reads of each what is used`() throws {
    let read = try read(
      Self.both + """
        lines:
          features:
            entity: users.user_id
            from: { both: { ever: { notes: count(note) } } }
        """)
    #expect(read["orders"] == ["amount", "note", "order_id", "ordered_at", "user_id"])
  }

  @Test func `checks, segments and published tables read what they look at`() throws {
    let read = try read(
      """
      fine: { check: { input: orders, expect: [ { not_null: [note] }, { sums_agree: { column: amount, with: orders.amount } } ] } }
      habits: { segment: { input: [users], rules: [ { name: here, when: "city = 'Kiel'" } ], otherwise: there } }
      published: { write: { input: habits, table: shop.out, key: user_id } }
      """)
    #expect(read["users"] == ["city", "signed_up_at", "user_id"])
    #expect(read["orders"] == ["amount", "note", "order_id", "ordered_at"])
  }
}
