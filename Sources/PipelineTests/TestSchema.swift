import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// A schema of a test's own on a real Postgres, with tables of given, expected and actual rows.
struct TestSchema: Sendable {
  let connection: PostgresConnection
  let name: String

  /// Makes the schema. Texts of times are read in a zone where they name none.
  static func make(on database: ConnectionString, zone: CalendarZone) async throws -> TestSchema {
    let connection = try await PostgresConnection.connect(
      to: database,
      options: ConnectionOptions(
        settings: ["TimeZone": zone.name, "synchronous_commit": "off"]))
    let name = prefix + String(UInt64.random(in: .min ... .max), radix: 36)
    do {
      try await sweep(connection)
      // The session that made a schema holds a lock on its name: without it, the schema is dead.
      try await connection.query(
        "SELECT pg_advisory_lock($1, hashtext($2))", [.int(lockSpace), .text(name)])
      let schema = try SQL.identifier(name)
      try await connection.execute(
        script: """
          CREATE SCHEMA \(schema);
          COMMENT ON SCHEMA \(schema) IS \(SQL.literal(remark));
          """)
    } catch {
      await connection.close()
      throw error
    }
    return TestSchema(connection: connection, name: name)
  }

  private static let prefix = "roost_test_"
  private static let remark = "Made by roost test; it drops it when it ends."
  /// What sets these locks apart from others with two numbers.
  private static let lockSpace: Int64 = 0x726f_6f73

  /// Drops the schemas of tests that were killed.
  private static func sweep(_ connection: PostgresConnection) async throws {
    let schemas = try await connection.query(
      """
      SELECT nspname FROM pg_namespace
      WHERE starts_with(nspname, $1) AND pg_has_role(nspowner, 'USAGE')
        AND obj_description(oid, 'pg_namespace') = $2
      """, [.text(prefix), .text(remark)])
    for row in schemas {
      let name = try row.string(0)
      let locked = try await connection.query(
        "SELECT pg_try_advisory_lock($1, hashtext($2))", [.int(lockSpace), .text(name)])
      guard try locked.first?.bool(0) == true else { continue }
      try await connection.execute("DROP SCHEMA IF EXISTS \(try SQL.identifier(name)) CASCADE")
      try await connection.query(
        "SELECT pg_advisory_unlock($1, hashtext($2))", [.int(lockSpace), .text(name)])
    }
  }

  /// Drops the schema, also when the task was cancelled, and ends the session.
  func drop() async throws {
    let schema = try SQL.identifier(name)
    let connection = connection
    // A task of its own, which the cancellation of this one does not reach.
    try await Task.detached {
      try await connection.execute("DROP SCHEMA \(schema) CASCADE")
      await connection.close()
    }.value
  }

  func table(_ name: String) -> QualifiedName { QualifiedName(schema: self.name, name: name) }

  /// A column of a table to be made.
  struct Column: Sendable {
    let name: String
    /// The type as SQL, which must have been checked.
    let type: String
    var isNullable = true
  }

  func makeTable(_ name: String, _ columns: [Column]) async throws -> QualifiedName {
    let table = table(name)
    let list = try columns.map {
      "\(try SQL.identifier($0.name)) \($0.type)\($0.isNullable ? "" : " NOT NULL")"
    }
    try await connection.execute("CREATE TABLE \(try table.sql) (\(list.joined(separator: ", ")))")
    return table
  }

  /// A value that Postgres does not read as its column's type.
  struct UnreadableCell: Error {
    let row: Int
    let error: PostgresError
  }

  /// Appends rows of texts, each of which Postgres reads as its column's type.
  /// - Throws: `UnreadableCell` for the first row that it cannot read.
  func insert(_ rows: [[String?]], into table: QualifiedName, _ columns: [Column]) async throws {
    guard !columns.isEmpty else { return }
    let names = try columns.map { try SQL.identifier($0.name) }.joined(separator: ", ")
    let values = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let statement = "INSERT INTO \(try table.sql) (\(names)) VALUES (\(values))"
    try await connection.transaction { database in
      for (place, row) in rows.enumerated() {
        do {
          try database.execute(statement, row.map { Parameter($0) })
        } catch let error as PostgresError where error.kind == .statement {
          throw UnreadableCell(row: place, error: error)
        }
      }
    }
  }

  /// Whether Postgres reads a text as a type.
  func reads(_ text: String, as type: String) async throws -> Bool {
    try await accepts("SELECT $1::\(type)", text)
  }

  /// Whether a text names a type, and nothing else.
  func isType(_ text: String) async throws -> Bool {
    // A type that is not there has no name, and what is no type at all is refused.
    try await accepts("SELECT 1 / (to_regtype($1) IS NOT NULL)::int", text)
  }

  private func accepts(_ statement: String, _ text: String) async throws -> Bool {
    do {
      _ = try await connection.query(statement, [.text(text)])
    } catch {
      guard error.kind == .statement else { throw error }
      return false
    }
    return true
  }
}
