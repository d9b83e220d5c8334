import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// Checks one statement against tables as they will be when it runs.
struct StatementCheck: Sendable {
  let statement: ScriptStatement
  /// What the run makes before it.
  let made: [QualifiedName: [Field]]
  /// What stages make that run after it, with their names.
  let later: [QualifiedName: String]
  let standing: [QualifiedName: StandingTable]
  let role: CheckingRole
  /// Whether a statement stands before it that is not executed now and may make what it names.
  let isAfterDefinition: Bool
  /// Whether policies may decide which rows it reads and writes.
  let acceptsRowSecurity: Bool
  /// Whether what it names was looked at, where Postgres does so only when it runs.
  let hasCheckedNames: Bool

  func diagnostic(on connection: PostgresConnection) async throws -> Diagnostic? {
    if let found = madeLater { return found }
    if statement.locksRows {
      return notChecked("it would lock rows of tables that others use")
    }
    let made = try madeStandIns()
    let targets = try targetStandIns().filter { made[$0.key] == nil }
    if let found = try await missingPrivilege(connection) { return found }
    if let found = lacksTemporary(made) { return found }
    if statement.isTypedWhenPrepared, !targets.isEmpty, areDistinct(made) {
      // Over the tables themselves Postgres looks at the role's privileges too. It takes the lock of
      // those who write, for a moment, and waits no longer for it.
      let (outcome, text) = try await trial(made, lockTimeout: "100ms", connection)
      if !outcome.isLockTimeout { return try await diagnostic(outcome, text, connection) }
    }
    let standIns = made.merging(targets) { made, _ in made }
    if let found = lacksTemporary(standIns) { return found }
    guard areDistinct(standIns) else {
      return notChecked("it uses tables of one name in two schemas that stand for others")
    }
    let (outcome, text) = try await trial(standIns, lockTimeout: nil, connection)
    return try await diagnostic(outcome, text, nil)
  }

  private func areDistinct(_ standIns: [QualifiedName: String]) -> Bool {
    Set(standIns.keys.map(\.name)).count == standIns.count
  }

  private func lacksTemporary(_ standIns: [QualifiedName: String]) -> Diagnostic? {
    if standIns.isEmpty || role.mayMakeTemporaryTables { return nil }
    let (database, name) = (try? SQL.identifier(role.database), try? SQL.identifier(role.name))
    let privilege = "TEMPORARY on DATABASE \(database ?? role.database)"
    return Diagnostic(
      .missingPrivilege, .warning,
      "the statement is not checked: the role '\(role.name)' lacks \(privilege)",
      at: statement.head,
      help: "GRANT TEMPORARY ON DATABASE \(database ?? role.database) TO \(name ?? role.name)")
  }

  private func trial(
    _ standIns: [QualifiedName: String], lockTimeout: String?, _ connection: PostgresConnection
  ) async throws -> (StatementTrial.Outcome, Snippet) {
    let names = try standIns.keys.filter { $0.schema != nil }.map {
      ($0, "pg_temp.\(try SQL.identifier($0.name))")
    }
    let text = statement.renaming(Dictionary(names, uniquingKeysWith: { first, _ in first }))
    let outcome = try await StatementTrial(
      standIns: standIns.values.sorted(), text: text.text,
      isExplained: statement.isTypedWhenPrepared,
      acceptsRowSecurity: acceptsRowSecurity, lockTimeout: lockTimeout
    ).outcome(on: connection)
    return (outcome, text)
  }

  /// What a plan shows that Postgres refuses only with the first row.
  private func refusedLater(
    _ writing: PlannedWriting, _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    if let sequence = try await writing.closedSequence(connection) {
      return Diagnostic(
        .statementRefused, "the role '\(role.name)' may not take numbers from \(sequence)",
        at: statement.head,
        help: "GRANT USAGE ON SEQUENCE \(sequence) TO \(try SQL.identifier(role.name))")
    }
    guard let target = statement.targets.first(where: { $0.change == .insert }),
      let table = standing[target.reference.name],
      let column = try await writing.emptyColumns(of: table, connection).first
    else { return nil }
    return Diagnostic(
      .statementRefused, "nothing gives '\(column)' of \(table.name) a value, and it must have one",
      at: statement.snippet.span(of: target.reference.range),
      help: "insert one, or give the column a default")
  }

  /// - Parameter connection: to look at what the plan shows; nil where it is not that of a run.
  private func diagnostic(
    _ outcome: StatementTrial.Outcome, _ text: Snippet, _ connection: PostgresConnection?
  ) async throws -> Diagnostic? {
    switch outcome {
    case .accepted(let writing):
      if let connection, let writing,
        let found = try await refusedLater(writing, connection)
      {
        return found
      }
      if statement.isTypedWhenPrepared { return nil }
      // Beyond their names these have nothing that could be wrong.
      if hasCheckedNames, ["truncate", "drop", "comment"].contains(statement.verb) { return nil }
      return Diagnostic(
        .notChecked, .warning,
        "only the syntax of this \(statement.verb.uppercased()) is checked: "
          + "Postgres looks at its names when it runs",
        at: statement.head, help: Self.help(for: statement.verb))
    case .refused(let error), .withoutStandIn(let error):
      if error.isLockTimeout {
        return Diagnostic(
          .locked, .warning,
          "the statement could not be checked: another session has locked a table that it uses",
          at: statement.head,
          help: (error.hint.map { "\($0): " } ?? "")
            + "check again when that session's transaction has ended")
      }
      if error.isOfTheMoment { return notChecked(error.message) }
      if case .withoutStandIn = outcome { return notChecked(error.message) }
      if isAfterDefinition, error.isUndefinedName {
        return notChecked("\(error.message), unless a statement before it makes it")
      }
      let place =
        error.position.map(text.span(ofErrorAt:)) ?? statement.span(ofTableIn: error)
        ?? statement.head
      return Diagnostic(
        .statementRefused, error.message, at: place, help: error.hint ?? nearest(error))
    }
  }

  /// A table that only the run makes, and that may be meant.
  private func nearest(_ error: PostgresError) -> String? {
    guard error.isUndefinedTable, let name = error.quotedName else { return nil }
    return Suggestion.nearest(to: name, in: made.keys.map(\.description).sorted())
      .map { "did you mean '\($0)'?" }
  }

  private static func help(for verb: String) -> String? {
    verb == "create"
      ? "tables that stay are better listed under creates:, where their columns are known"
      : "try it out in a database of your own"
  }

  private func notChecked(_ why: String) -> Diagnostic {
    Diagnostic(
      .notChecked, .warning, "the statement is not checked: \(why)", at: statement.head,
      help: "try it out in a database of your own")
  }

  private var madeLater: Diagnostic? {
    for reference in statement.references
    where made[reference.name] == nil && standing[reference.name] == nil {
      guard let stage = later[reference.name] else { continue }
      return Diagnostic(
        .madeLater, "\(reference.name) is made by stage '\(stage)', which runs after this one",
        at: statement.snippet.span(of: reference.range),
        help: "let this stage come later: after: \(stage)")
    }
    return nil
  }

  /// What makes the tables that stand in for those that the run makes, by the names of those.
  private func madeStandIns() throws -> [QualifiedName: String] {
    var definitions: [QualifiedName: String] = [:]
    for name in Set(statement.references.map(\.name)) {
      guard let fields = made[name], standing[name]?.has(fields) != true else { continue }
      definitions[name] =
        "CREATE TEMPORARY TABLE \(try SQL.identifier(name.name)) (\(try CreatedTable.columns(fields)))"
    }
    return definitions
  }

  /// What makes the tables that stand in for those that the statement changes.
  private func targetStandIns() throws -> [QualifiedName: String] {
    var definitions: [QualifiedName: String] = [:]
    for target in statement.targets {
      guard let table = standing[target.reference.name] else { continue }
      definitions[target.reference.name] =
        """
        CREATE TEMPORARY TABLE \(try SQL.identifier(table.name.name)) (LIKE \(try table.name.sql)
        INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING INDEXES)
        """
    }
    return definitions
  }

  /// What no policy allows for any row, where row security is accepted.
  private func forbidden(
    _ target: TableTarget, _ table: StandingTable, _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    guard acceptsRowSecurity, target.change == .insert else { return nil }
    let ways = statement.updatesOnConflict ? ["INSERT", "UPDATE"] : ["INSERT"]
    guard let way = try await connection.forbiddenChange(of: table.oid, ways) else { return nil }
    return Diagnostic(
      .statementRefused,
      "row security of \(table.name) lets the role '\(role.name)' \(way) no row: no policy allows it",
      at: statement.snippet.span(of: target.reference.range),
      help: "CREATE POLICY … ON \(try table.name.sql) FOR \(way) TO "
        + "\(try SQL.identifier(role.name)) WITH CHECK (…)")
  }

  /// A privilege on a table that stands, which its stand-in does not ask for.
  private func missingPrivilege(_ connection: PostgresConnection) async throws -> Diagnostic? {
    for target in statement.targets where target.change != .merge {
      guard let table = standing[target.reference.name] else { continue }
      let privilege = target.change.rawValue.uppercased()
      let rows = try await connection.query(
        """
        SELECT CASE WHEN $2 = 'DELETE' THEN has_table_privilege($1::oid, 'DELETE')
          ELSE has_any_column_privilege($1::oid, $2) END AS is_granted
        """, [Parameter(table.oid), .text(privilege)])
      if try rows.first?.bool("is_granted") != false {
        if let found = try await forbidden(target, table, connection) { return found }
        continue
      }
      return Diagnostic(
        .statementRefused,
        "the role '\(role.name)' may not \(privilege) on \(table.name)",
        at: statement.snippet.span(of: target.reference.range),
        help: "GRANT \(privilege) ON \(try table.name.sql) TO \(try SQL.identifier(role.name))")
    }
    return nil
  }
}
