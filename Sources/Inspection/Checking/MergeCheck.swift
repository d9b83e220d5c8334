import Catalog
import Diagnostics
import Frames
import PipelineFiles
import PostgresClient
import Runs

/// Has Postgres plan the statements that will bring rows into tables that stand, over no rows: it then
/// looks at the role's privileges, at the index behind the key, at rules and at what replication needs.
/// Nothing is executed; the lock that planning takes is the one that writing takes, for a moment.
struct MergeCheck: Sendable {
  private let targets: [(table: TargetTable, name: QualifiedName, place: SourceSpan)]
  /// How long another's lock may keep a check waiting, and those behind it.
  private static let patience = "100ms"

  init(_ tables: [PlannedTable]) {
    targets = tables.compactMap { table in
      guard case .published(let target) = table.content, !target.mode.isRoosts else { return nil }
      return (target, table.name, table.place)
    }
  }

  func diagnostics(on connection: PostgresConnection) async throws -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    for target in targets {
      if let found = try await diagnostic(target.table, target.name, target.place, connection) {
        diagnostics.append(found)
      }
    }
    return diagnostics
  }

  private func diagnostic(
    _ table: TargetTable, _ name: QualifiedName, _ place: SourceSpan,
    _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    let merge = Merge.trial(of: table, into: name)
    do {
      let types = try await LoadedTypes(of: merge.layout, on: connection)
      let plans = try await connection.transaction { database in
        try database.execute("SET LOCAL lock_timeout = '\(Self.patience)'")
        return try merge.statements(from: try Self.noRows(table, types), database)
          .map { try database.plan(of: $0) }
      }
      for plan in plans {
        guard let sequence = try await PlannedWriting(plan).closedSequence(connection) else {
          continue
        }
        let role = try await connection.query("SELECT current_user::text").first?.string(0) ?? ""
        return Diagnostic(
          .missingPrivilege,
          "rows cannot be written into \(name): the role '\(role)' may not take numbers from \(sequence)",
          at: place, help: "GRANT USAGE ON SEQUENCE \(sequence) TO \(try SQL.identifier(role))")
      }
      return try await forbidden(table, name, place, connection)
    } catch let error as PostgresError where error.kind == .statement {
      return try await explain(error, name, place, connection)
    }
  }

  /// Row security that lets no row pass, which Postgres says only of the first one.
  private func forbidden(
    _ table: TargetTable, _ name: QualifiedName, _ place: SourceSpan,
    _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    let rows = try await connection.query(
      "SELECT to_regclass($1)::oid::int8 AS oid", [.text(try name.sql)])
    let ways = table.mode == .upsert ? ["INSERT", "UPDATE"] : ["INSERT"]
    guard let oid = try rows.first?.optionalInt("oid"),
      let way = try await connection.forbiddenChange(of: oid, ways)
    else { return nil }
    let role = try await connection.query("SELECT current_user::text").first?.string(0) ?? ""
    return Diagnostic(
      .missingPrivilege,
      "rows cannot be written into \(name): its row security lets the role '\(role)' \(way) no row",
      at: place,
      help:
        "CREATE POLICY … ON \(try name.sql) FOR \(way) TO \(try SQL.identifier(role)) WITH CHECK (…)"
    )
  }

  /// What stands for the rows of a run.
  private static func noRows(_ table: TargetTable, _ types: LoadedTypes) throws -> String {
    let columns = try table.schema.fields.map {
      "NULL::\(types.type(of: $0)) AS \(try SQL.identifier($0.name))"
    }
    return "(SELECT \(columns.joined(separator: ", ")) LIMIT 0)"
  }

  private func explain(
    _ error: PostgresError, _ name: QualifiedName, _ place: SourceSpan,
    _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    if error.isLockTimeout {
      let holders =
        try await connection.withHolders(error, of: "\(name)", against: .rowExclusive).hint
        .map { "\($0): " } ?? ""
      return Diagnostic(
        .locked, .warning,
        "whether rows can be written into \(name) could not be checked: another session has locked it",
        at: place, help: "\(holders)check again when that session's transaction has ended")
    }
    if error.isOfTheMoment {
      return Diagnostic(
        .notChecked, .warning,
        "whether rows can be written into \(name) could not be checked: \(error.message)", at: place
      )
    }
    let told = try await connection.withRemedy(error)
    return Diagnostic(
      error.isMissingPrivilege ? .missingPrivilege : .targetConflict,
      "rows cannot be written into \(name): \(error.message)", at: place, help: told.hint)
  }
}
