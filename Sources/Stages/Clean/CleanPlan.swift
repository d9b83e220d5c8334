import Expressions
import Frames
import PipelineFiles
import PostgresClient
import Relations

/// Typed steps over one relation.
struct CleanPlan: DatedRows {
  let input: String
  /// What its rows are.
  let rows: RelationPlan
  let expectations: [any ExpectationCheck]
  let quarantine: Quarantine?
  /// The command that shows its rows.
  let preview: String

  var tables: [TargetTable] { quarantine.map { [$0.table] } ?? [] }
  var targets: [QualifiedName] { tables.map(\.name) }

  func lineage(of table: TargetTable) -> StageLineage {
    lineage.filter { quarantine?.key.contains($0.key) == true }
  }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    guard var columns = wanted, quarantine == nil else { return nil }
    for expectation in expectations { columns.formUnion(expectation.reads) }
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
    let frame = try await opened.relation.frame(asOf: context.asOf)
    let facts = CleanFacts(
      inputRows: opened.rows(of: input),
      rejectedRows: opened.steps.reduce(0) { $0 + $1.rejected },
      evaluation: EvaluationContext(asOf: context.asOf, zone: opened.relation.zone))
    var violations: [Violation] = []
    for expectation in expectations {
      if let violation = try expectation.violation(in: frame, facts) {
        violations.append(violation)
      }
    }
    if context.enforcesExpectations, let failure = violations.failure(preview: preview) {
      throw failure
    }
    var notes = opened.steps.compactMap(\.note)
    if let quarantine {
      let rows = try quarantine.rows(opened.steps.flatMap(\.rejections))
      try await context.publish(rows, as: quarantine.table)
      notes.append("\(quarantine.table.name): \(rows.rowCount) rows")
    }
    return StageResult(
      output: .relation(opened.relation), rows: frame.rowCount, notes: notes,
      warnings: violations.warnings(preview: preview),
      details: .object([
        "input_rows": .integer(facts.inputRows),
        "steps": .array(opened.steps.map(\.json)),
      ]))
  }
}
