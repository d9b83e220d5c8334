import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Stages

@Suite struct FeaturesPlanningTests {
  private static let tables: Tables = [
    "users": frame([
      (Field("id", .int8, isNullable: false), []), (Field("joined", .timestamptz), []),
      (Field("level", .int4), []),
    ]),
    "orders": frame([
      (Field("order_id", .int8, isNullable: false), []), (Field("id", .int8), []),
      (Field("buyer", .text), []), (Field("at", .timestamptz), []), (Field("amount", .int8), []),
      (Field("status", .text), []),
    ]),
  ]

  private func said(
    users: String = "time: joined", orders: String = "time: at", _ features: String
  ) -> [String] {
    messages(
      """
      users: { extract: { from: shop, table: shop.users, key: id, \(users) } }
      orders: { extract: { from: shop, table: shop.orders, key: order_id, \(orders) } }
      f:
        features:
          entity: users.id
          windows: [7d, 30d]
      \(features.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
      """, Self.tables)
  }

  @Test func `good features are planned`() {
    #expect(
      said(
        """
        from:
          orders: { where: "status <> 'x'", windowed: { n: count(*) }, ever: { last: days_since(max(at)) } }
        derived: { ratio: "n_7d::float8 / nullif(n_30d, 0)", more: ratio * 2 }
        """) == [])
  }

  @Test func `rows need a time`() {
    let from = "from: { orders: { ever: { n: count(*) } } }"
    #expect(
      said(orders: "changes: []", from)
        == ["error: stage 'orders' has no time, and features 'f' ask since when its rows are known"]
    )
    #expect(
      said(users: "personal: []", from)
        == ["error: stage 'users' has no time, and features 'f' ask since when its rows are known"])
  }

  @Test func `timeless rows are warned of`() {
    let timeless = "timeless: it never changes"
    #expect(
      said(users: timeless, orders: timeless, "from: { orders: { ever: { n: count(*) } } }") == [
        "warning: past cutoffs see today's rows of stage 'users'",
        "warning: past cutoffs see today's rows of stage 'orders'",
      ])
    #expect(
      said(orders: timeless, "from: { orders: { windowed: { n: count(*) } } }")
        .contains("error: stage 'orders' has no time, so nothing of it lies in a window"))
  }

  @Test func `columns that change in place are warned of`() {
    let changing = "time: at, changes: [status]"
    #expect(
      said(orders: changing, "from: { orders: { where: \"status = 'x'\", ever: { n: count(*) } } }")
        == ["warning: 'status' changes in place: past cutoffs see its value of today"])
    #expect(
      said(
        orders: changing,
        "from: { orders: { ever: { n: count(*) filter (where status = 'x'), m: count(*) } } }")
        == ["warning: 'status' changes in place: past cutoffs see its value of today"])
    #expect(said(orders: changing, "from: { orders: { ever: { n: count(*) } } }") == [])
  }

  /// What is worked out from a column that changes in place changes too.
  @Test func `changes are inherited through clean`() {
    let found = messages(
      """
      users: { extract: { from: shop, table: shop.users, key: id, time: joined } }
      orders: { extract: { from: shop, table: shop.orders, key: order_id, time: at, changes: [status] } }
      clean: { clean: { input: orders, steps: [ { set: { paid: "status = 'paid'" } } ] } }
      f: { features: { entity: users.id, from: { clean: { ever: { n: bool_or(paid) } } } } }
      """, Self.tables)
    #expect(found == ["warning: 'paid' changes in place: past cutoffs see its value of today"])
  }

  @Test func `names are checked`() {
    #expect(
      said("from: { orders: { entity: buyer, ever: { n: count(*) } } }")
        == ["error: 'buyer' is of type text, the entity of type bigint"])
    #expect(
      said("from: { orders: { entity: user, ever: { n: count(*) } } }")
        == ["error: stage 'orders' has no column 'user' that names the entity"])
    #expect(
      said("from: { orders: { windowed: { n: count(*) }, ever: { n_7d: count(*) } } }")
        == ["error: there are two features 'n_7d'"])
    #expect(
      said("from: { orders: { ever: { id: count(*) } } }") == ["error: there are two features 'id'"]
    )
    #expect(
      said("from: { orders: { ever: { n: count(*) } } }\nderived: { n: n + 1 }")
        == ["error: there are two features 'n'"])
    #expect(said("from: { orders: { ever: { n: amount } } }").count == 1)
    #expect(said("from: { orders: { ever: { n: sum(amuont) } } }").count == 1)
  }

  /// A label sees the future on purpose; features at a cutoff do not see a row at the cutoff.
  @Test func `windows are half open`() async throws {
    let asOf = day(2026, 6, 1)
    func before(_ days: Int, _ microseconds: Int64 = 0) -> Instant {
      Instant(
        microseconds: asOf.microseconds - Int64(days) * Instant.microsecondsPerDay + microseconds)
    }
    var tables = Self.tables
    tables["users"] = frame([
      (Field("id", .int8, isNullable: false), [1, 2, 3]),
      (Field("joined", .timestamptz), [before(900), before(10), asOf]),
      (Field("level", .int4), [1, 1, 1]),
    ])
    let times = [before(0, -1), before(7), before(7, -1), before(30), before(30, -1), asOf]
    tables["orders"] = frame([
      (Field("order_id", .int8, isNullable: false), Array(1...6)),
      (Field("id", .int8), times.map { _ in 1 }), (Field("buyer", .text), times.map { _ in nil }),
      (Field("at", .timestamptz), times), (Field("amount", .int8), [1, 10, 100, 1000, 10000, 9]),
      (Field("status", .text), times.map { _ in nil }),
    ])
    let outcome = try await run(
      """
      users: { extract: { from: shop, table: shop.users, key: id, time: joined } }
      orders: { extract: { from: shop, table: shop.orders, key: order_id, time: at } }
      f:
        features:
          entity: users.id
          windows: [30d, 7d]
          from:
            orders: { windowed: { n: count(*), spend: sum(amount) }, ever: { all: count(*) } }
      """, tables, asOf: asOf)
    let tonight = try await outcome.frame("f")
    #expect(tonight.integers("id") == [1, 2])
    #expect(tonight.integers("n_7d") == [2, 0])
    #expect(tonight.integers("n_30d") == [4, 0])
    #expect(tonight.integers("all") == [5, 0])
    let earlier = try await outcome.frame("f", asOf: before(7))
    #expect(earlier.integers("id") == [1, 2])
    #expect(earlier.integers("n_7d") == [1, 0])
    #expect(earlier.integers("all") == [3, 0])
    #expect(try await outcome.frame("f", asOf: before(10)).integers("id") == [1])
  }
}
