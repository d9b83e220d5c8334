import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// What unions and joins refuse, what they pass on, and what stops them.
@Suite struct JoinedStagesTests {
  private static let tables: Tables = [
    "web": frame([
      (Field("id", .int8, isNullable: false), [1, 2, 3]), (Field("product", .int8), [7, 8, nil]),
      (Field("email", .text), ["a", "b", nil]),
      (Field("at", .timestamptz), [day(2026, 1, 1), day(2026, 1, 2), day(2026, 1, 3)]),
    ]),
    "store": frame([
      (Field("at", .timestamptz), [day(2026, 1, 1), day(2026, 1, 2)]),
      (Field("email", .text), ["a", "c"]), (Field("id", .int8, isNullable: false), [1, 9]),
      (Field("product", .int8), [7, 8]),
    ]),
    "products": frame([
      (Field("id", .int4, isNullable: false), [7, 8]),
      (Field("label", .text, isNullable: false), ["tea", "cup"]),
      (Field("email", .text, isNullable: false), ["x", "y"]),
    ]),
    "prices": frame([
      (Field("id", .int8, isNullable: false), [1, 2, 3]), (Field("product", .int8), [7, 7, 8]),
      (Field("price", .int4), [10, 20, 30]),
      (Field("since", .timestamptz), [day(2025, 1, 1), day(2025, 1, 1), day(2025, 1, 1)]),
    ]),
  ]

  private static let extracts = """
    web: { extract: { from: shop, table: shop.web, key: id, time: at, personal: [email] } }
    store: { extract: { from: shop, table: shop.store, key: id, time: at } }
    products: { extract: { from: shop, table: shop.products, key: id, timeless: fixed } }
    prices: { extract: { from: shop, table: shop.prices, key: id, time: since } }

    """

  private func refusals(_ stage: String) -> [String] {
    messages(Self.extracts + "out: { \(stage) }", Self.tables)
  }

  private func result(_ stage: String) async throws -> Outcome {
    try await run(Self.extracts + "out: { \(stage) }", Self.tables)
  }

  @Test func `a union finds columns by name`() async throws {
    let outcome = try await result("union: { inputs: [store, web], source: shop }")
    let rows = try await outcome.frame("out")
    #expect(rows.schema.names == ["at", "email", "id", "product", "shop"])
    #expect(rows.integers("id") == [1, 1, 2, 3, 9])
    #expect(rows.texts("shop") == ["store", "web", "web", "web", "store"])
    #expect(rows.texts("email") == ["a", "a", "b", nil, "c"])
    #expect(try await outcome.frame("out", asOf: day(2026, 1, 2)).integers("id") == [1, 1])
    let shape = try outcome.relation("out").shape
    #expect(shape.key == ["id", "shop"] && shape.time == "at" && shape.isRepeatable)
    #expect(shape.schema["email"]?.isPersonal == true)
    #expect(outcome.results["out"]?.warnings == [])
  }

  @Test func `a union tells of keys that repeat`() async throws {
    let outcome = try await result("union: { inputs: [web, store] }")
    #expect(
      outcome.results["out"]?.warnings == [
        "1 of 5 rows repeat the key id, and all of them count: say source: with a column that tells "
          + "the inputs apart, or deduplicate them in a clean stage"
      ])
  }

  @Test func `a union needs the same columns`() {
    let found = Set(refusals("union: { inputs: [web, products, web, prices], source: at }"))
    for message in [
      "error: 'id' is of type integer in stage 'products', of type bigint in stage 'web'",
      "error: stage 'products' lacks 'product', 'at' of stage 'web'",
      "error: stage 'web' lacks 'label' of stage 'products'",
      "error: stage 'web' stands here twice", "error: the inputs have a column 'at' already",
    ] { #expect(found.contains(message), "\(message) \(found)") }
  }

  @Test func `a left join makes the right nullable`() async throws {
    let outcome = try await result(
      "join: { left: web, right: products, on: { product: id }, columns: { label: name } }")
    #expect(try await outcome.frame("out").texts("name") == ["tea", "cup", nil])
    let shape = try outcome.relation("out").shape
    #expect(shape.schema["name"]?.isNullable == true && shape.schema["email"]?.isPersonal == true)
    #expect(shape.key == ["id"] && shape.time == "at" && shape.isRepeatable)
    #expect(
      outcome.results["out"]?.notes == ["1 of 3 rows find none in products: kept without one"])
  }

  @Test func `an inner join does not`() async throws {
    let outcome = try await result(
      "join: { left: web, right: products, on: { product: id }, type: inner, columns: label }")
    #expect(try await outcome.frame("out").texts("label") == ["tea", "cup"])
    #expect(try outcome.relation("out").shape.schema["label"]?.isNullable == false)
  }

  @Test(arguments: [
    (
      "on: product",
      "stage prices has several rows for one product: 1 of 3 rows repeat one before"
    ),
    (
      "on: product, as_of: at",
      "stage prices has several rows for one product that are valid from the same instant: "
        + "1 of 3 rows repeat one before"
    ),
  ]) func `rows are never multiplied unasked`(keys: String, message: String) async throws {
    let failure = await #expect(throws: StageFailure.self) {
      _ = try await result("join: { left: web, right: prices, \(keys), columns: price }")
    }
    #expect(failure?.message == message)
  }

  @Test func `many does`() async throws {
    let outcome = try await result(
      "join: { left: web, right: prices, on: product, many: true, columns: { id: price_id, price: price } }"
    )
    #expect(try await outcome.frame("out").integers("price") == [10, 20, 30, nil])
    #expect(try outcome.relation("out").shape.key == ["id", "price_id"])
  }

  @Test(arguments: [
    ("right: products, on: { product: id }", "error: both stages have 'email'"),
    (
      "right: products, on: { product: id }, columns: email",
      "error: stage 'web' has a column 'email' already"
    ),
    (
      "right: products, on: { product: id }, columns: { label: x, email: x }",
      "error: two columns get the name 'x'"
    ),
    (
      "right: products, on: { email: id }, columns: label",
      "error: 'email' is of type text in stage 'web', 'id' of type integer in stage 'products'"
    ),
    (
      "right: products, on: { product: id }, as_of: at, columns: label",
      "error: stage 'products' does not say since when its rows are valid"
    ),
    (
      "right: prices, on: product, as_of: email, columns: price",
      "error: column 'email' is of type text, not a time"
    ),
    (
      "right: prices, on: product, as_of: at, many: true, columns: { id: n, price: p }",
      "error: 'as_of' takes one row, 'many' several"
    ),
    (
      "right: prices, on: product, many: true, columns: price",
      "error: with many: true the key of stage 'prices' tells rows apart, and 'id' is not among the columns"
    ),
    (
      "right: products, on: { prodct: id }, columns: label",
      "error: stage 'web' has no column 'prodct'"
    ),
    ("right: products, on: {}, columns: label", "error: 'on' names no column"),
  ]) func `a join refuses`(keys: String, message: String) {
    #expect(refusals("join: { left: web, \(keys) }") == [message])
  }

  @Test func `lineage follows the columns`() throws {
    let report = Report()
    let planned = try #require(
      plan(
        Self.extracts + """
          all: { union: { inputs: [web, store], source: shop } }
          out: { join: { left: all, right: products, on: { product: id }, columns: { label: name } } }
          """, Self.tables, asOf: day(2026, 6, 1), report))
    let stages = Dictionary(
      uniqueKeysWithValues: planned.pipeline.stages.map { ($0.name.text, planned.plan(of: $0)) })
    let union = try #require(stages["all"]??.lineage)
    #expect(
      union["email"]?.origins == [StageColumn("web", "email"), StageColumn("store", "email")])
    #expect(union["shop"] == ColumnLineage(by: ["name of the stage"]))
    let join = try #require(stages["out"]??.lineage)
    #expect(join["name"] == ColumnLineage(from: [StageColumn("products", "label")]))
    #expect(join["email"] == ColumnLineage(from: [StageColumn("all", "email")]))
    let steps = try #require(stages["out"]??.steps)
    #expect(
      steps.map(\.text) == [
        "left join products on product = id: at most one row, by its key for each of all"
      ])
  }
}
