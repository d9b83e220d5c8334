import Frames
import PostgresClient
import Synchronization
import TestSupport
import Testing

@testable import DemoShop

@Suite struct LoadTests {
  private func count(_ table: String, _ database: TestDatabase) async throws -> Int {
    let rows = try await database.connection.query("SELECT count(*) AS n FROM \(table)")
    return try rows[0].int("n")
  }

  @Test func `every row arrives`() async throws {
    try await withDatabase { database in
      let shop = try DemoShop(users: 700, seed: 1)
      let summary = try await shop.load(into: database.connection)
      let rows = shop.generator.rows(users: 1...700)
      let expected = [
        "shop.users": 700, "shop.products": 320, "shop.orders": rows.orders.count,
        "shop.order_lines": rows.orderLines.count, "shop.events": rows.events.count,
        "shop.reviews": rows.reviews.count, "shop.complaints": rows.complaints.count,
        "shop.campaigns": 39, "shop.campaign_sends": rows.sends.count,
        "shop.follows": rows.follows.count, "shop_truth.users": 700,
      ]
      #expect(Set(summary.tables.map(\.name)) == Set(expected.keys))
      for table in summary.tables {
        #expect(table.rows == expected[table.name], "\(table.name)")
        #expect(try await count(table.name, database) == table.rows, "\(table.name)")
      }
      // Values, by Postgres's own reading of them.
      let sums = try await database.connection.query(
        """
        SELECT sum(amount)::text AS amount, count(*) FILTER (WHERE city IS NULL) AS nulls,
          max(ordered_at) FILTER (WHERE ordered_at < '2026-06-01 00:00+08') AS last
        FROM shop.orders
        """)
      let cents = rows.orders.reduce(0) { $0 + $1.amount }
      #expect(try sums[0].string("amount") == decimal(cents))
      #expect(try sums[0].int("nulls") == rows.orders.count { $0.city == nil })
      let end = ShopFixture.calendar.endInstant
      #expect(
        try sums[0].instant("last").microseconds
          == rows.orders.map(\.orderedAt).filter { $0 < end }.max())
      let names = try await database.connection.query(
        "SELECT full_name FROM shop.users ORDER BY user_id LIMIT 1")
      #expect(try names[0].string("full_name") == rows.users[0].person.name)
    }
  }

  @Test func `columns are commented and keyed`() async throws {
    try await withDatabase { database in
      try await DemoShop(users: 5, seed: 1).load(into: database.connection)
      let bare = try await database.connection.query(
        """
        SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace IN ('shop'::regnamespace, 'shop_truth'::regnamespace)
          AND c.relkind = 'r' AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL
        """)
      #expect(bare.isEmpty)
      let unkeyed = try await database.connection.query(
        """
        SELECT relname FROM pg_class c
        WHERE relnamespace = 'shop'::regnamespace AND relkind = 'r'
          AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
        """)
      #expect(try unkeyed.map { row in try row.string("relname") } == ["orders"])
    }
  }

  @Test func `loading again replaces`() async throws {
    try await withDatabase { database in
      try await DemoShop(users: 30, seed: 1).load(into: database.connection)
      try await DemoShop(users: 20, seed: 2).load(into: database.connection)
      #expect(try await count("shop.users", database) == 20)
      #expect(try await count("shop_truth.users", database) == 20)
    }
  }

  /// A real shop is never dropped, whichever of the schemas is somebody's own.
  @Test(arguments: ["shop", "shop_truth"]) func `a foreign schema stays`(schema: String)
    async throws
  {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          CREATE SCHEMA \(schema); COMMENT ON SCHEMA \(schema) IS 'Our shop';
          CREATE TABLE \(schema).users AS SELECT 1 AS user_id
          """)
      let error = await #expect(throws: DemoError.self) {
        try await DemoShop(users: 5, seed: 1).load(into: database.connection)
      }
      #expect(error == .foreignSchema(schema, location: database.connection.location))
      #expect(try await count("\(schema).users", database) == 1)
      let schemas = try await database.connection.query(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shop%'")
      #expect(schemas.count == 1)
    }
  }

  /// What others built on the demo's tables is not dropped along with them.
  @Test func `dependents are not dropped`() async throws {
    try await withDatabase { database in
      let shop = try DemoShop(users: 5, seed: 1)
      try await shop.load(into: database.connection)
      try await database.connection.execute("CREATE VIEW mine AS SELECT user_id FROM shop.users")
      await #expect(throws: PostgresError.self) { try await shop.load(into: database.connection) }
      #expect(try await count("mine", database) == 5)
    }
  }

  @Test func `progress counts up`() async throws {
    try await withDatabase { database in
      let seen = Mutex<[LoadProgress]>([])
      let shop = try DemoShop(users: 600, seed: 1)
      let summary = try await shop.load(into: database.connection) { progress in
        seen.withLock { $0.append(progress) }
      }
      let progress = seen.withLock { $0 }
      #expect(progress.map(\.done) == [500, 600, 600])
      #expect(progress.last?.step == .indexes)
      #expect(progress.last?.rows == summary.rows)
    }
  }

  @Test func `CDNOW arrives`() async throws {
    let data = try await CDNOW(readingFrom: CDNOWTests.path)
    try await withDatabase { database in
      try await data.load(into: database.connection)
      let rows = try await database.connection.query(
        """
        SELECT count(*) AS orders, sum(amount)::text AS amount,
          count(DISTINCT customer_id) AS customers, max(order_date)::text AS last
        FROM cdnow.orders
        """)
      #expect(try rows[0].int("orders") == 69_659)
      #expect(try rows[0].string("amount") == "2500315.63")
      #expect(try rows[0].int("customers") == 23_570)
      #expect(try rows[0].string("last") == "1998-06-30")
      let wrong = try await database.connection.query(
        """
        SELECT customer_id FROM cdnow.customers FULL JOIN
          (SELECT customer_id, min(order_date) AS first FROM cdnow.orders GROUP BY 1) o
          USING (customer_id)
        WHERE first_order_date IS DISTINCT FROM first
        """)
      #expect(wrong.isEmpty)
    }
  }

  private func decimal(_ cents: Int64) -> String {
    let fraction = String(cents % 100)
    return "\(cents / 100)." + (fraction.count == 1 ? "0" : "") + fraction
  }
}
