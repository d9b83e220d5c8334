import Foundation
import PostgresClient
import Testing

/// `--sample` looks at some of the entities, with all that belongs to them.
@Suite struct PreviewSampleTests {
  private func ids(
    _ project: TestProject, _ stage: String, _ share: String, _ column: String = "user_id"
  ) async throws -> Set<String> {
    let shown = try await project.preview(
      stage, "--sample", share, "--limit", "100000", "--columns", column, "--format", "json")
    #expect(shown.status == 0, "\(shown.errors)")
    return Set(
      try await project.texts(
        "SELECT value->>'\(column)' FROM \(try project.elements(shown.output))"))
  }

  @Test func `all rows of the sampled users and of nobody else are read`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let users = try await ids(project, "users", "25%")
      #expect((10...60).contains(users.count))
      #expect(try await ids(project, "users", "25%") == users)
      #expect(try await ids(project, "users", "10%").isStrictSubset(of: users))
      #expect(try await ids(project, "users", "100%").count == 120)

      let list = users.sorted().joined(separator: ", ")
      let orders = try await ids(project, "orders", "25%", "order_id")
      let expected = try await project.texts(
        "SELECT order_id::text FROM shop.orders WHERE user_id IN (\(list)) AND loaded_at < '2026-06-01Z'"
      )
      #expect(orders == Set(expected))

      // A feature of a sampled user is what it is without sampling.
      try await project.run()
      let features = try await project.preview(
        "user_features", "--sample", "25%", "--limit", "1000", "--format", "json")
      #expect(
        try await project.difference(
          "SELECT value - ARRAY['spend_30d', 'spend_90d'] FROM \(try project.elements(features.output))",
          """
          SELECT to_jsonb(f) - ARRAY['as_of', 'run_id', 'spend_30d', 'spend_90d']
          FROM marketing.features_current f WHERE user_id IN (\(list))
          """) == [])
    }
  }

  @Test func `what belongs to no entity is read in full, and said`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.sql(
        "CREATE TABLE shop.cities AS SELECT DISTINCT trim(lower(city)) AS name FROM shop.orders WHERE city IS NOT NULL"
      )
      try project.write(
        "orders.sql", "-- orders\nSELECT * FROM shop.orders WHERE order_id > 0; -- all; of them")
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at } }
            cities: { extract: { from: shop, table: shop.cities, key: name } }
            orders: { extract: { from: shop, sql: orders.sql, key: order_id, time: ordered_at } }
            user_features:
              after: cities
              features:
                entity: users.user_id
                from: { orders: { ever: { orders: count(*) } } }
          """)
      let shown = try await project.preview("user_features", "--sample", "12.5%")
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.errors.contains("a sample of 12.5% by user_id, the same each time"))
      #expect(shown.errors.contains("read in full, because they have no user_id: cities"))
      let orders = try await project.preview("orders", "--sample", "12.5%")
      #expect(!orders.errors.contains("in full"))
      #expect(try await ids(project, "cities", "1%", "name").count == 2)
    }
  }

  @Test func `a sample of nothing in particular is refused`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      for share in ["10", "0%", "-1%", "101%", "x%", "0.1"] {
        let refused = try await project.preview("users", "--sample=\(share)")
        #expect(refused.status == 64)
        #expect(refused.errors.contains("--sample 10%"))
      }
      try project.write(
        stages:
          "  users: { extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at } }"
      )
      let refused = try await project.preview("users", "--sample", "10%")
      #expect(refused.status == 2)
      #expect(refused.errors.contains("error[R0111]: the pipeline has no entity of which a sample"))
    }
  }
}
