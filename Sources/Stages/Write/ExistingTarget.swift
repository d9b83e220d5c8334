import Diagnostics
import Frames
import PipelineFiles
import PostgresFacts

/// A table that stands and that a stage writes into, and whether it may.
struct ExistingTarget {
  /// As the pipeline names it.
  let table: QualifiedName
  /// Where it is named.
  let place: SourceSpan
  let key: [ColumnName]
  let mode: WriteMode
  let context: PlanContext

  /// The table in the environment that is published to.
  private var name: QualifiedName { context.publishing.resolve(table) }

  /// What has to be asked about it before it can be checked.
  var question: CatalogQuestion {
    .table(name, connection: context.project.settings.state.text)
  }

  /// Reports what stands against writing rows of a schema into it.
  /// - Parameter columns: where messages about columns point.
  func check(_ schema: Schema, columnsAt columns: SourceSpan) {
    guard case .table(let standing) = context.catalog.answer(to: question) else { return }
    guard let standing else {
      conflict(
        "\(name) does not exist, and mode \(mode.rawValue) writes into a table that stands",
        help: definition(schema))
      return
    }
    if let kind = standing.otherKind {
      conflict(
        "\(name) is \(kind), and mode \(mode.rawValue) writes into a table",
        help: "name a table, or publish under a name of its own with mode: snapshot")
      return
    }
    for field in schema.fields { check(field, standing, at: columns) }
    for column in standing.columns where column.needsValue && schema[column.name] == nil {
      if isOwn(column) { continue }
      conflict(
        "\(name) needs a value in '\(column.name)', and the rows have none",
        help: "add the column to the rows, or give it a default: ALTER TABLE \(sql) "
          + "ALTER COLUMN \(quoted(column.name)) SET DEFAULT …")
    }
    checkUniqueness(standing)
    checkPrivileges(standing, schema)
  }

  /// Whether roost fills a column itself.
  private func isOwn(_ column: WritableTable.Column) -> Bool {
    TargetTable.ownFields.contains { $0.name == column.name && $0.type.sqlName == column.type }
  }

  private func check(_ field: Field, _ standing: WritableTable, at columns: SourceSpan) {
    let type = field.type.sqlName
    guard let column = standing[field.name] else {
      conflict(
        "\(name) has no column '\(field.name)'", at: columns,
        help: Suggestion.nearest(to: field.name, in: standing.columns.map(\.name))
          .map { "did you mean '\($0)'?" }
          ?? "ALTER TABLE \(sql) ADD COLUMN \(quoted(field.name)) \(type), or leave it out of the rows"
      )
      return
    }
    if column.isGenerated {
      conflict(
        "Postgres itself makes the values of '\(field.name)' in \(name)", at: columns,
        help: "leave the column out of the rows")
      return
    }
    switch ColumnFit(field, in: column) {
    case .fits: break
    case .fitsSome(let what):
      context.report.warning(
        .wrongType, "'\(field.name)' is \(type), and \(name) has \(column.type)", at: columns,
        help: "a value that is \(what) stops the publication")
    case .doesNotFit:
      conflict(
        "'\(field.name)' is \(type), and \(name) has \(column.type)", at: columns,
        help: "cast it in a clean stage, or ALTER TABLE \(sql) "
          + "ALTER COLUMN \(quoted(field.name)) TYPE \(type)")
    }
  }

  private func checkUniqueness(_ standing: WritableTable) {
    let columns = Set(key.map(\.text))
    guard mode.usesKey else { return }
    let list = key.map { quoted($0.text) }.joined(separator: ", ")
    let names = key.map(\.text).joined(separator: ", ")
    if standing.deferrableKeys.contains(columns) {
      // Whatever else keeps them unique.
      context.report.error(
        .targetConflict,
        "a constraint that keeps \(names) unique in \(name) is DEFERRABLE, and Postgres finds no rows by that",
        at: key.first?.span ?? place,
        help: "drop the constraint, and make it again without DEFERRABLE")
    } else if !standing.uniqueKeys.contains(columns) {
      context.report.error(
        .targetConflict,
        "nothing keeps \(names) unique in \(name), so its rows cannot be found by it",
        at: key.first?.span ?? place, help: "CREATE UNIQUE INDEX ON \(sql) (\(list))")
    }
  }

  private func checkPrivileges(_ standing: WritableTable, _ schema: Schema) {
    let missing = needed(standing, schema).filter { !standing.privileges.contains($0) }
    if !missing.isEmpty {
      let list = missing.joined(separator: ", ")
      context.report.error(
        .missingPrivilege, "the role '\(standing.role)' may not \(list) on \(name)", at: place,
        help: "GRANT \(list) ON \(sql) TO \(quoted(standing.role))")
    }
    if standing.hasRowSecurity, mode == .replace {
      context.report.error(
        .targetConflict,
        "policies hide rows of \(name) from the role '\(standing.role)', which a replacement would leave "
          + "there", at: place,
        help: "let the role see all of them (ALTER ROLE … BYPASSRLS), or say mode: upsert")
    } else if standing.hasRowSecurity {
      context.report.warning(
        .targetConflict, "policies decide which rows of \(name) the role '\(standing.role)' sees",
        at: place, help: "rows that it does not see are neither changed nor removed")
    }
  }

  private func needed(_ standing: WritableTable, _ schema: Schema) -> [String] {
    switch mode {
    case .snapshot: []
    case .upsert: ["SELECT", "INSERT", "UPDATE"]
    case .replace: ["SELECT", "INSERT", "UPDATE", "DELETE"]
    case .append:
      // A run finds its own rows again by its number.
      standing["run_id"].map(isOwn) == true && schema["run_id"] == nil
        ? ["SELECT", "INSERT", "DELETE"] : ["INSERT"]
    }
  }

  // MARK: Words

  private func conflict(_ message: String, at span: SourceSpan? = nil, help: String) {
    context.report.error(.targetConflict, message, at: span ?? place, help: help)
  }

  private func quoted(_ name: String) -> String { (try? SQL.identifier(name)) ?? name }
  private var sql: String { (try? name.sql) ?? name.description }

  /// What makes the table.
  private func definition(_ schema: Schema) -> String {
    if context.publishing.name != nil {
      let original = (try? table.sql) ?? table.description
      return "make it for this environment: CREATE TABLE \(sql) (LIKE \(original) INCLUDING ALL)"
    }
    let columns = schema.fields.map { "\(quoted($0.name)) \($0.type.sqlName)" }
    let key = "PRIMARY KEY (\(key.map { quoted($0.text) }.joined(separator: ", ")))"
    let own = mode == .append ? ["as_of timestamptz", "run_id bigint"] : [key]
    return "CREATE TABLE \(sql) (\((columns + own).joined(separator: ", ")))"
  }
}
