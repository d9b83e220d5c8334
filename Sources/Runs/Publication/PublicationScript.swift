import Frames
import PipelineFiles
import PostgresClient
import State

/// Runs what a stage does at publication, within the transaction that publishes the run.
struct PublicationScript: Sendable {
  let stage: String
  let tables: [ScriptTable]
  let statements: [SentStatement]
  /// Whether policies may decide which rows are read and written.
  let acceptsRowSecurity: Bool

  /// - Parameter run: the run that sends them.
  init(stage: String, statements: PublicationStatements, run: Int) throws {
    self.stage = stage
    tables = try statements.creates.map { try ScriptTable($0) }
    self.statements = statements.statements.map { SentStatement($0, run: run) }
    acceptsRowSecurity = statements.acceptsRowSecurity
  }

  /// A script that was kept with a held run; nil where the JSON is none.
  init?(_ json: JSONValue) {
    guard let stage = json["stage"]?.string, case .array(let tables)? = json["tables"],
      case .array(let statements)? = json["statements"]
    else { return nil }
    self.stage = stage
    self.tables = tables.compactMap(ScriptTable.init)
    self.statements = statements.compactMap(SentStatement.init)
    // Those that an older roost kept were checked under policies.
    acceptsRowSecurity = json["row_security"] != false
    guard self.tables.count == tables.count, self.statements.count == statements.count else {
      return nil
    }
  }

  var json: JSONValue {
    .object([
      "stage": .string(stage), "tables": .array(tables.map(\.json)),
      "statements": .array(statements.map(\.json)), "row_security": .bool(acceptsRowSecurity),
    ])
  }

  /// Makes the tables that are not there, runs the statements, and keeps with the stage what they did.
  /// - Throws: `PublicationFailure` for what cannot be done.
  func run(
    _ session: RunSession, _ readers: Readers, _ database: isolated PostgresConnection
  ) throws -> StageResult {
    try session.begin(stage: stage, in: database)
    var notes: [String] = []
    var created: [JSONValue] = []
    for table in tables where try make(table, readers, database) {
      notes.append("\(table.name): made")
      created.append(.string(table.name.description))
    }
    var rows = 0
    var counts: [JSONValue] = []
    try database.execute("SET LOCAL row_security TO \(acceptsRowSecurity ? "on" : "off")")
    var warnings: [String] = []
    let standing = try StandingPublications(session.run, database)
    // Where a table of others first was missing: it may come back.
    var missing: (name: String, after: SentStatement)?
    for statement in statements {
      let count = try run(statement, database)
      warnings += database.privilegeWarnings.map {
        "line \(statement.line), \(statement.verb): \($0)"
      }
      if let gone = try standing.gone(database) { throw removal(of: gone, by: statement) }
      let other = try standing.goneOfOthers(database)
      if missing?.name != other { missing = other.map { ($0, statement) } }
      if statement.changesRows { rows += count }
      notes.append(
        "line \(statement.line), \(statement.verb)"
          + (statement.countsRows ? ": \(count) \(count == 1 ? "row" : "rows")" : "")
      )
      counts.append(
        .object([
          "line": .integer(statement.line), "verb": .string(statement.verb),
          "rows": .integer(count),
        ]))
    }
    if let missing { throw removal(of: missing.name, by: missing.after) }
    try database.execute("SET LOCAL row_security TO DEFAULT")
    let result = StageResult(
      output: .nothing, rows: rows, notes: notes, warnings: warnings,
      details: .object(["created": .array(created), "statements": .array(counts)]))
    try session.finish(stage: stage, result, in: database)
    return result
  }

  /// Whether one of its statements changes rows and names such a table.
  func changes(table: String) -> Bool {
    statements.contains { statement in
      statement.changesRows
        && statement.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains(table[...])
    }
  }

  private func removal(of name: String, by statement: SentStatement) -> PublicationFailure {
    let error = PostgresError(
      .statement, "\(statement.verb) takes \(name) away, which roost publishes or keeps",
      hint:
        "remove the statement: what is published goes with keep:, and readers would lose it; a table "
        + "into which rows are brought may go once its pipeline has run without it")
    return PublicationFailure(stage: stage, place: statement.place(of: error), error: error)
  }

  private func run(
    _ statement: SentStatement, _ database: isolated PostgresConnection
  ) throws -> Int {
    do {
      return try database.execute(overRows: statement.text)
    } catch {
      throw failure(error, at: statement.place(of: error))
    }
  }

  /// What a statement's error is to the run: a lost connection, or a cancellation, is not its fault.
  private func failure(_ error: PostgresError, at place: String) -> any Error {
    error.kind == .statement ? PublicationFailure(stage: stage, place: place, error: error) : error
  }

  private func make(
    _ table: ScriptTable, _ readers: Readers, _ database: isolated PostgresConnection
  ) throws -> Bool {
    do {
      return try makeWherePossible(table, readers, database)
    } catch let error as PostgresError {
      throw failure(error, at: table.place)
    }
  }

  /// - Returns: whether it was not there.
  private func makeWherePossible(
    _ table: ScriptTable, _ readers: Readers, _ database: isolated PostgresConnection
  ) throws -> Bool {
    let schema = table.name.schema ?? ""
    try database.makeSchema(schema)
    let standing = try database.query(
      "SELECT to_regclass($1) IS NOT NULL AS is_there", [.text(try table.name.sql)])
    if try standing.first?.bool("is_there") == true { return false }
    try database.execute(table.definition)
    try database.execute(
      "COMMENT ON TABLE \(try table.name.sql) IS \(try SQL.literal(table.about))")
    try readers.grant([table.name], in: schema, database)
    return true
  }
}

/// Something that a stage was to do when the run was published, and could not.
struct PublicationFailure: CausedByPostgres, CustomStringConvertible {
  let stage: String
  /// `sql/revenue.sql:3:8`, or the table that rows go into.
  let place: String
  let error: PostgresError

  /// `sql/revenue.sql:3:8: division by zero [SQLSTATE 22012]`
  var description: String {
    let state = error.sqlState.map { " [SQLSTATE \($0)]" } ?? ""
    let hint = error.hint.map { "\nhint: \($0)" } ?? ""
    return "\(place): \(error.message)\(state)\(hint)"
  }
}
