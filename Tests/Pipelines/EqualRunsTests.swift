import Frames
import Learning
import PipelineFiles
import Relations
import Testing

@testable import Stages

/// The same rows give the same published rows and the same model, byte by byte, whatever the order of
/// the rows in the heap, the number of connections that read them, and the number of threads.
@Suite struct EqualRunsTests {
  /// Rows that are equal in times and orders, numbers whose sum depends on their order, an account that
  /// stands for several, a quarantine.
  private static let rows =
    SmallShop.schema + SmallShop.rows + """
      ALTER TABLE shop.users ADD phone_hash text;
      UPDATE shop.users SET phone_hash = md5((user_id % 90)::text);
      ALTER TABLE shop.orders ADD device_id int8;
      UPDATE shop.orders SET device_id = order_id % 700;
      UPDATE shop.orders SET ordered_at = date_trunc('day', ordered_at), weight = exp(20 * weight / 10)
      WHERE order_id % 3 = 0;
      """

  /// The rows in another order, with dead ones between: so many pages that several connections read.
  private static let manyPages = """
    ALTER TABLE shop.orders SET (autovacuum_enabled = off);
    CREATE TABLE shop.shuffled AS TABLE shop.orders;
    TRUNCATE shop.orders;
    INSERT INTO shop.orders SELECT * FROM shop.shuffled WHERE order_id % 2 = 0 ORDER BY md5(order_id::text);
    INSERT INTO shop.orders (order_id, city) SELECT -1, repeat('x', 1000) FROM generate_series(1, 29000);
    DELETE FROM shop.orders WHERE order_id = -1;
    INSERT INTO shop.orders SELECT * FROM shop.shuffled WHERE order_id % 2 = 1 ORDER BY amount;
    DROP TABLE shop.shuffled;
    """

  /// The rows backwards, in a few pages.
  private static let backwards = ["users", "orders", "sends"].map { table in
    """
    CREATE TABLE shop.shuffled AS TABLE shop.\(table);
    TRUNCATE shop.\(table);
    INSERT INTO shop.\(table) SELECT * FROM shop.shuffled t ORDER BY ctid DESC;
    DROP TABLE shop.shuffled;
    """
  }.joined(separator: "\n")

  private static let stages =
    SmallShop.stages
    .replacing(
      "- clip: { column: amount, to: [p1, p99] }",
      with: """
        - reject: { where: amount < 3, reason: next to nothing }
                - fill: { column: city, from: mode }
                - clip: { column: amount, to: [p1, p99] }
                - clip: { column: weight, to: [p2, p98] }
              quarantine: marketing.rejected
        """
    )
    .replacing(
      "recency_days: days_since(max(ordered_at))",
      with: """
        recency_days: days_since(max(ordered_at))
                    last_weight: last(weight)
                    first_weight: first(weight)
                    spread: stddev_samp(weight)
                    middle: percentile_cont(0.5) within group (order by weight)
        """) + """

        people:
          identify:
            entity: users.user_id
            by: { users: phone_hash, orders: device_id }
            ignore: { more_than: 2 }
        publish_people: { write: { input: people, table: marketing.people, key: user_id } }
        latest_orders:
          join: { left: sends, right: orders_by_device, on: { send_id: device_id }, columns: [weight, amount] }
        orders_by_device:
          clean: { input: orders, steps: [ { deduplicate: { by: device_id, keep: latest } } ] }
        publish_joined: { write: { input: latest_orders, table: marketing.joined, key: send_id } }
        person_orders:
          join: { left: clean_orders, right: people, on: user_id, columns: person_id }
        person_features:
          features:
            entity: people.person_id
            from: { person_orders: { ever: { weight: sum(weight), mean: avg(weight), city: first(city), cities: mode(city) } } }
        publish_persons: { write: { input: person_features, table: marketing.persons, key: person_id } }
      """

  private static let tables =
    SmallShop.tables
    + ["rejected", "people", "joined", "persons"].map { "marketing.\($0)" }

  private func model(of ran: TestProject.Ran) throws -> CalibratedModel {
    guard case .artifact(let artifact)? = ran.result(of: "churn")?.output else {
      throw StageFailure("there is no model")
    }
    return try #require(artifact as? LearntModel).calibrated
  }

  @Test func `order of the heap, connections and threads change nothing`() async throws {
    let (first, firstModel) = try await withProject { project in
      try await project.sql(Self.rows + Self.manyPages)
      try project.write(stages: Self.stages)
      // Enough for two parts, each of which pays for a connection.
      #expect(
        try await project.text("SELECT (pg_relation_size('shop.orders') / 8192 >= 4096)::text")
          == "true")
      let ran = try await project.run()
      return (try await project.published(Self.tables), try model(of: ran))
    }
    #expect(first.values.allSatisfy { $0.count > 10 }, "\(first.mapValues(\.count))")
    try await withProject { project in
      try await project.sql(Self.rows + Self.backwards)
      try project.write(stages: Self.stages)
      let model = try model(of: try await project.run())
      #expect(try model.serialized() == firstModel.serialized())
      let second = try await project.published(Self.tables)
      for table in Self.tables { #expect(second[table] == first[table], "\(table)") }

      // Once more on one processor, as the program sees it.
      var program = project.program
      program.starter = ["/usr/bin/taskset", "-c", "0"]
      let ran = try await program.run("run", TestProject.pipeline, "--as-of", "2026-06-01")
      #expect(ran.status == 0, "\(ran.errors)")
      let third = try await project.published(Self.tables)
      for table in Self.tables { #expect(third[table] == first[table], "\(table)") }
    }
  }
}
