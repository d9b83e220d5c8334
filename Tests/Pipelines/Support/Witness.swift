import Foundation
import PostgresClient

/// Questions to Postgres, the witness of these tests.
extension TestProject {
  func sql(_ script: String) async throws {
    try await database.connection.execute(script: script)
  }

  /// The first column of a query's rows, as text.
  func texts(_ query: String) async throws -> [String] {
    try await database.connection.query(query).map { try $0.optionalString(0) ?? "null" }
  }

  func text(_ query: String) async throws -> String? { try await texts(query).first }

  func count(_ from: String) async throws -> Int {
    try await database.connection.query("SELECT count(*) FROM \(from)").first?.int(0) ?? -1
  }

  /// The rows of a query in the text form of Postgres, in one order.
  func rows(_ query: String) async throws -> [String] {
    try await texts("SELECT r::text FROM (\(query)) r ORDER BY r::text COLLATE \"C\"")
  }

  /// Rows that one query has and the other has not, a few of each: empty where both give the same.
  func difference(_ found: String, _ expected: String) async throws -> [String] {
    try await texts(
      """
      WITH found AS MATERIALIZED (\(found)), expected AS MATERIALIZED (\(expected))
      (SELECT 'found    ' || r::text FROM (TABLE found EXCEPT ALL TABLE expected) r LIMIT 5)
      UNION ALL
      (SELECT 'expected ' || r::text FROM (TABLE expected EXCEPT ALL TABLE found) r LIMIT 5)
      """)
  }

  /// Tables and views in the schemas that a pipeline publishes to, `roost_data` included, without
  /// the partitioned parents.
  func relations(in schema: String, kinds: String = "'r', 'v'") async throws -> [String] {
    try await texts(
      """
      SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('\(schema)')
        AND relkind IN (\(kinds)) ORDER BY relname
      """)
  }
}
