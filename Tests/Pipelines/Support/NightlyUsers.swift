import Runs
import Testing

/// Users whose plans change, and what is published of them: enough to see who comes, goes and changes.
extension TestProject {
  /// Makes `shop.users` with as many users, all of plan `free` and score 1.
  func setUpNightlyUsers(_ count: Int = 10) async throws {
    try await sql(
      """
      CREATE SCHEMA shop;
      CREATE TABLE shop.users (
        user_id int8 PRIMARY KEY, plan text, score int4, since timestamptz NOT NULL);
      INSERT INTO shop.users SELECT i, 'free', 1, '2020-01-01' FROM generate_series(1, \(count)) i;
      CREATE SCHEMA crm;
      """)
  }

  /// Writes the pipeline.
  /// - Parameters:
  ///   - write: keys of the write stage beside its input, table and key.
  ///   - more: further stages.
  func writeNightly(
    _ write: String = "", table: String = "marketing.users", more: String = ""
  ) throws {
    try self.write(
      stages: """
          users:
            extract: { from: shop, table: shop.users, key: user_id, time: since }
          known:
            clean: { input: users, steps: [ { set: { plan: "coalesce(plan, 'none')" } } ] }
          publish:
            write: { input: known, table: \(table), key: user_id\(write.isEmpty ? "" : ", " + write) }
        \(more)
        """)
  }

  var heldRuns: HeldRuns { HeldRuns(stateDatabase) }

  func rollback<Value>(
    pipeline: String = "test", _ work: (Rollback) async throws -> Value
  ) async throws -> Value {
    let rollback = try await Rollback(
      stateDatabase, pipeline: pipeline, environment: .standard)
    do {
      let value = try await work(rollback)
      await rollback.close()
      return value
    } catch {
      await rollback.close()
      throw error
    }
  }
}
