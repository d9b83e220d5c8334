import Frames
import PostgresClient
import Testing

@testable import Drafting

/// What is guessed from names and types.
@Suite struct GuessTests {
  private func table(
    _ name: String, _ columns: [SourceColumn], key: [String] = [],
    references: [SourceTable.ForeignKey] = [], schema: String = "public"
  ) -> SourceTable {
    SourceTable(
      QualifiedName(schema: schema, name: name), columns: columns, primaryKey: key,
      foreignKeys: references)
  }

  @Test(arguments: [
    ("orders", ["updated_at", "created_at", "shipped_at"], "created_at"),
    ("orders", ["created_at", "ordered_on"], "ordered_on"),
    ("shipments", ["shipped_at"], "shipped_at"), ("logins", ["last_login", "at"], "at"),
    ("Invoices", ["DueDate", "InvoiceDate"], "InvoiceDate"),
    ("members", ["date_of_birth", "joined"], "joined"), ("t", ["birthday", "expires_at"], nil),
    ("订单", ["更新", "下单时间"], "下单时间"),
  ]) func `when something happened`(name: String, columns: [String], expected: String?) {
    let found = ColumnGuesses.time(of: table(name, columns.map { SourceColumn($0, .timestamptz) }))
    #expect(found?.name == expected)
  }

  @Test(arguments: [
    (["quantity", "amount"], "amount"), (["unit_price", "total", "tax_total"], "total"),
    (["discount_amount", "price"], "price"), (["amount_id", "order_count"], nil),
    (["balance"], nil), (["金额"], "金额"), (["TotalPaid", "cost"], "TotalPaid"),
  ]) func `what was paid`(columns: [String], expected: String?) {
    let found = ColumnGuesses.money(
      of: table("t", columns.map { SourceColumn($0, .decimal) }), but: [])
    #expect(found?.name == expected)
  }

  @Test func `what belongs to a person`() {
    for name in [
      "email", "E-Mail", "phone_number", "firstName", "shouji", "姓名", "birth_year", "ip",
      "shipping_address", "wechat_id", "id_number", "LastName", "zip",
    ] {
      #expect(ColumnGuesses.isPersonal(SourceColumn(name, .text), ofPeople: false), "\(name)")
    }
    for name in ["product_name", "name", "city", "status", "channel", "recipe", "female"] {
      #expect(!ColumnGuesses.isPersonal(SourceColumn(name, .text), ofPeople: false), "\(name)")
    }
    #expect(ColumnGuesses.isPersonal(SourceColumn("name", .text), ofPeople: true))
    #expect(!ColumnGuesses.isPersonal(SourceColumn("email_sent_at", .timestamptz), ofPeople: true))
    #expect(ColumnGuesses.isPersonal(SourceColumn("birth_date", .date), ofPeople: false))
    #expect(!ColumnGuesses.isPersonal(SourceColumn("address_id", .integer), ofPeople: true))
    #expect(!ColumnGuesses.isPersonal(SourceColumn("email_consent", .bool), ofPeople: true))
    #expect(ColumnGuesses.isSecret(SourceColumn("password_hash", .text)))
  }

  @Test func `who it is about`() throws {
    let users = table(
      "users", [SourceColumn("id", .integer), SourceColumn("email", .text)], key: ["id"])
    let products = table("products", [SourceColumn("id", .integer)], key: ["id"])
    let orders = table(
      "orders",
      [
        SourceColumn("id", .integer), SourceColumn("user_id", .integer),
        SourceColumn("total", .decimal), SourceColumn("created_at", .timestamptz),
      ], key: ["id"])
    let reviews = table(
      "reviews",
      [
        SourceColumn("id", .integer), SourceColumn("author", .integer),
        SourceColumn("product_id", .integer), SourceColumn("written_at", .date),
      ], key: ["id"],
      references: [
        .init(["author"], to: users.name, ["id"]), .init(["product_id"], to: products.name, ["id"]),
      ])
    let graph = TableGraph(
      catalog: SourceCatalog(tables: [orders, products, reviews, users]))
    let choice = try graph.entity(named: nil)
    #expect(choice.table.name.name == "users" && choice.isOwnTable)
    #expect(choice.activities.map(\.entity) == ["user_id", "author"])
    #expect(DraftFindings.main(of: choice)?.table.name.name == "orders")
    #expect(DraftFindings.what(choice) == "user")
    let other = try graph.entity(named: "products.id")
    #expect(other.activities.map(\.table.name.name) == ["reviews"])

    // Without the users, the column that names them is better than products.
    let without = try TableGraph(
      catalog: SourceCatalog(tables: [orders, products, reviews])
    ).entity(named: nil)
    #expect(without.table.name.name == "orders" && !without.isOwnTable)
    #expect(without.column == "user_id" && DraftFindings.what(without) == "user")
  }

  @Test func `a key of another type does not belong to it`() throws {
    let customers = table("customers", [SourceColumn("customer_id", .text)], key: ["customer_id"])
    let orders = table(
      "orders", [SourceColumn("customer_id", .integer), SourceColumn("placed_at", .date)])
    let choice = try TableGraph(
      catalog: SourceCatalog(tables: [customers, orders])
    ).entity(named: nil)
    #expect(!choice.isOwnTable && choice.table.name.name == "orders")
    #expect(throws: InitError.self) {
      try TableGraph(catalog: SourceCatalog(tables: [customers])).entity(named: nil)
    }
  }

  @Test func `names of one thing and plain names`() {
    for (many, one) in [
      ("customers", "customer"), ("categories", "category"), ("boxes", "box"), ("status", "status"),
      ("addresses", "address"), ("people", "person"), ("sale", "sale"), ("bus", "bus"),
    ] { #expect(NameWords.singular(many) == one) }
    for (name, plain) in [
      ("User Id", "user_id"), ("CustomerID", "customer_id"), ("2nd", "c_2nd"), ("order", "order_"),
      ("!", "c_"), ("用户编号", "用户编号"),
    ] { #expect(NameWords.plain(name) == plain) }
    #expect(!NameWords.isPlain("Amount") && !NameWords.isPlain("a b") && NameWords.isPlain("a_1"))
    var names = NameSet(["a"])
    #expect(names.claim("a", "b") == "b")
    #expect(names.claim("a", "b") == "b_2")
  }

  @Test func `the ends of a history are not where stray rows lie`() throws {
    let begin = CivilDate(year: 2025, month: 1, day: 1).days
    var days = (0..<100).map { (day: CivilDate(days: begin + $0), rows: 50) }
    let today = CivilDate(days: begin + 2000)
    let clean = try #require(ActivityHistory(days: days, today: today))
    #expect(clean.days == 100 && clean.end.text == "2025-04-11")
    days.append((CivilDate(days: begin + 500), 3))
    days.append((CivilDate(days: begin - 20_000), 1))
    days.append((CivilDate(days: begin + 5000), 900))
    #expect(ActivityHistory(days: days, today: today) == clean)
    #expect(ActivityHistory(days: [], today: today) == nil)
  }

  @Test func `plans fit the history that they are for`() {
    for plan in ChurnPlan.all {
      let least = plan.longestWindow + 2 * plan.horizon
      #expect(plan.fits(least) && !plan.fits(least - 1))
      #expect(plan.cutoffs(in: least) == 1)
      #expect(plan.cutoffs(in: 10_000) == 5)
      for days in stride(from: least, to: 1000, by: 13) {
        let reach =
          2 * plan.horizon + (plan.cutoffs(in: days) - 1) * plan.step + plan.longestWindow
        #expect(reach <= days)
      }
    }
    for silent in 0...100 {
      let risk = ChurnChoice(
        plan: ChurnPlan.all[0], cutoffs: 1, counts: (eligible: 100, silent: silent)
      ).risk
      let (high, medium) = (Double(risk.high) ?? 0, Double(risk.medium) ?? 1)
      #expect(high > medium && high < 1 && medium > 0, "\(silent): \(risk)")
    }
  }
}
