import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Makes what a stage hands on from the rows that a test gives for it.
struct GivenStages {
  let schema: TestSchema
  let report: Report
  let engine: any Engine
  let asOf: Instant

  /// - Returns: nil where something is wrong with the rows, which the report then says.
  func output(
    _ given: ReadTest.Given, _ plan: StagePlan, zone: CalendarZone
  ) async throws -> StageOutput? {
    let name = given.stage.name.text
    guard case .relation(let shape) = plan.shape else {
      report.error(
        .wrongInput,
        "stage '\(name)' is of kind \(given.stage.kindName) and hands on no rows", at: given.span,
        help: "give the rows of a stage that makes some")
      return nil
    }
    guard check(given, shape) else { return nil }
    let columns = shape.schema.fields.map {
      TestSchema.Column(name: $0.name, type: $0.type.sqlName)
    }
    let table = try await schema.makeTable(name, columns)
    guard
      try await CheckedCells(schema: schema, report: report).insert(
        given.rows.rows.map { row in columns.map { row[$0.name] } }, into: table, columns)
    else { return nil }
    let read = try await schema.connection.copyOut("SELECT * FROM \(try table.sql)")
    let frame = Frame(schema: shape.schema, columns: read.columns, rowCount: read.rowCount)
      .ordered(by: shape.key)
    return .relation(
      plan.relational?.isDated == true
        ? try engine.given(frame, of: shape, in: zone)
        : FixedRelation(
          shape: shape, zone: zone, asOf: asOf, frame: frame,
          refusal: StageFailure(
            "the rows of stage \(name) are given for one as-of, and a model is trained at earlier ones",
            help: "give rows to the stages that it uses")))
  }

  private func check(_ given: ReadTest.Given, _ shape: RelationShape) -> Bool {
    let before = report.errorCount
    let name = given.stage.name.text
    for column in given.rows.columns where shape.schema[column.name] == nil {
      report.error(
        .unknownColumn, "stage '\(name)' has no column '\(column.name)'", at: column.span,
        help: Suggestion.help(for: column.name, in: shape.schema.names))
    }
    for key in shape.key {
      guard let row = given.rows.rows.first(where: { $0[key]?.text == nil }) else { continue }
      report.error(
        .missingKey, "a row leaves out '\(key)', which identifies the rows of stage '\(name)'",
        at: RowSet.start(of: row) ?? given.span, help: "write \(key) in each row")
    }
    return report.errorCount == before
  }
}
