import Frames
import PipelineFiles
import PostgresFacts
import Relations

/// Typed steps over one relation.
struct CleanWork: StageWork {
  let input: String
  let expectations: [RowCheck]
  let quarantine: Quarantine?
  /// The stage, and the pipeline's file.
  let name: String
  let file: String

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(try plan.rows)
    let read = opened.rows(of: input)
    let rejected = opened.steps.reduce(0) { $0 + $1.rejected }
    let violations = try await violations(
      CheckedRows(
        opened.relation, rejected: (rejected, of: read),
        in: RunFacts(asOf: context.asOf, zone: opened.relation.zone)), context.engine)
    let night = PreviewedNight(file, context)
    if context.enforcesExpectations, let failure = violations.failure(night) { throw failure }
    var notes = opened.steps.compactMap(\.note)
    if let quarantine {
      let rows = try quarantine.rows(opened.steps.flatMap(\.rejections))
      try await context.publish(rows, as: quarantine.table)
      notes.append("\(quarantine.table.name): \(rows.rowCount) rows")
    }
    return StageResult(
      output: .relation(opened.relation), rows: opened.rows, notes: notes,
      warnings: violations.warnings(night),
      details: .object([
        "input_rows": .integer(read),
        "steps": .array(opened.steps.map(\.json)),
      ]))
  }

  private func violations(
    _ rows: CheckedRows, _ engine: any Engine
  ) async throws -> [Violation] {
    let found = try await engine.findings(of: expectations, in: rows)
    return try zip(expectations, found).compactMap {
      try $0.violation($1, of: name, in: rows.facts)
    }
  }
}
