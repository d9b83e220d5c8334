import Catalog
import Diagnostics
import Expressions
import Frames
import Inspection
import PipelineFiles
import PostgresClient

/// Makes the tables that stand for what extracts read, and tells the planner what is in them.
struct GivenTables {
  let session: ProjectSession
  let schema: TestSchema

  private var report: Report { session.report }

  /// Loads what is given for a stage.
  /// - Parameter question: what the stage asks of its source.
  /// - Returns: the columns of its table; nil where something is wrong, which the report then says.
  func load(
    _ given: ReadTest.Given, answering question: CatalogQuestion
  ) async throws -> StatementDescription? {
    let columns =
      given.columns.entries.isEmpty
      ? try await sourceColumns(given, question) : try await writtenColumns(given)
    guard let columns, check(given.rows, against: columns, of: given.stage) else { return nil }
    let table = try await schema.makeTable(given.stage.name.text, columns)
    guard
      try await CheckedCells(schema: schema, report: report).insert(
        given.rows.rows.map { row in columns.map { row[$0.name] } }, into: table, columns)
    else { return nil }
    return try await schema.connection.describe("SELECT * FROM \(try table.sql)")
  }

  private func writtenColumns(_ given: ReadTest.Given) async throws -> [TestSchema.Column]? {
    let before = report.errorCount
    var columns: [TestSchema.Column] = []
    for entry in given.columns.entries {
      guard try await schema.isType(entry.value.text) else {
        report.error(
          .unknownType, "Postgres knows no type '\(entry.value.text)'", at: entry.value.span,
          help: "write a type as in CREATE TABLE, such as numeric(12,2)")
        continue
      }
      columns.append(
        TestSchema.Column(
          name: entry.name.text, type: entry.value.text,
          isNullable: given.rows.hasNull(in: entry.name.text)))
    }
    return report.errorCount == before ? columns : nil
  }

  private func sourceColumns(
    _ given: ReadTest.Given, _ question: CatalogQuestion
  ) async throws -> [TestSchema.Column]? {
    switch try await source(question) {
    case .columns(let description)?:
      return description.schema.fields.map { field in
        TestSchema.Column(
          name: field.name, type: field.type.sqlName,
          isNullable: field.isNullable || given.rows.hasNull(in: field.name))
      }
    case .refused(let error)?:
      report.error(
        .statementRefused,
        "the columns of stage '\(given.stage.name.text)' are not known: \(error.message)",
        at: given.span, help: "say them in the test, as columns: { user_id: bigint }")
    case .role, .target, .table, .statementTimeout, nil: break
    }
    return nil
  }

  /// What the source says to a question; nil, with a message, where its connection is not there.
  func source(_ question: CatalogQuestion) async throws -> CatalogFacts.Answer? {
    guard let database = session.database(question.connection) else { return nil }
    return try await CatalogReader(connections: [question.connection: database])
      .ask([question]).answer(to: question)
  }

  private func check(
    _ rows: RowSet, against columns: [TestSchema.Column], of stage: Stage
  ) -> Bool {
    let before = report.errorCount
    let names = columns.map(\.name)
    for column in rows.columns where !names.contains(column.name) {
      report.error(
        .unknownColumn, "stage '\(stage.name.text)' reads no column '\(column.name)'",
        at: column.span, help: Suggestion.help(for: column.name, in: names))
    }
    return report.errorCount == before
  }
}

/// Writes the cells of a test into a table, and says which of them Postgres cannot read.
struct CheckedCells {
  let schema: TestSchema
  let report: Report

  /// - Parameters:
  ///   - rows: a cell for each column; nil for null.
  ///   - names: what messages call the columns; their own names when left out.
  func insert(
    _ rows: [[Cell?]], into table: QualifiedName, _ columns: [TestSchema.Column],
    called names: [String]? = nil
  ) async throws -> Bool {
    do {
      try await schema.insert(rows.map { $0.map { $0?.text } }, into: table, columns)
      return true
    } catch let problem as TestSchema.UnreadableCell {
      let names = names ?? columns.map(\.name)
      for ((cell, column), name) in zip(zip(rows[problem.row], columns), names) {
        guard let cell, let text = cell.text, try await !schema.reads(text, as: column.type)
        else { continue }
        report.error(
          .unreadableCell,
          "Postgres does not read '\(Snippet(text, span: cell.span).excerpt)' as \(column.type)",
          at: cell.span, help: "write a value of column '\(name)'")
        return false
      }
      throw problem.error
    }
  }
}
