import Frames
import MemoryEngine
import PipelineFiles
import PostgresClient
import Relations

/// Typed steps over one relation.
struct CleanPlan: DatedRows {
  let input: String
  /// What its rows are.
  let rows: RelationPlan
  let expectations: [RowCheck]
  let quarantine: Quarantine?
  /// The stage, and the pipeline's file.
  let name: String
  let file: String

  var tables: [TargetTable] { quarantine.map { [$0.table] } ?? [] }
  var targets: [QualifiedName] { tables.map(\.name) }

  func lineage(of table: TargetTable) -> StageLineage {
    lineage.filter { quarantine?.key.contains($0.key) == true }
  }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    guard var columns = wanted, quarantine == nil else { return nil }
    for expectation in expectations { columns.formUnion(expectation.needs.own) }
    return rows.needs(columns)[input] ?? nil
  }

  var secretDigests: [String] {
    rows.trailingSteps.steps.compactMap {
      if case .hash(let hash) = $0 { hash.key.fingerprint } else { nil }
    }
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    rows.steps
      + (expectations.isEmpty
        ? [] : [PlannedStep("check \(expectations.count) expectations of the result")])
      + (quarantine.map { [PlannedStep($0.description)] } ?? [])
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(rows)
    let read = opened.rows(of: input)
    let rejected = opened.steps.reduce(0) { $0 + $1.rejected }
    let violations = try await violations(
      CheckedRows(
        opened.relation, rejected: (rejected, of: read),
        in: RunFacts(asOf: context.asOf, zone: opened.relation.zone)))
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

  private func violations(_ rows: CheckedRows) async throws -> [Violation] {
    let found = try await MemoryEngine().findings(of: expectations, in: rows)
    return try zip(expectations, found).compactMap {
      try $0.violation($1, of: name, in: rows.facts)
    }
  }
}
