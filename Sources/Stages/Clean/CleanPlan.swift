import Expressions
import Frames
import PipelineFiles
import PostgresClient

/// Typed steps over one relation.
struct CleanPlan: StagePlan {
  let input: String
  let operations: [any CleanOperation]
  let expectations: [any ExpectationCheck]
  let relation: RelationShape
  let quarantine: Quarantine?
  /// The command that shows its rows.
  let preview: String

  var shape: StageShape { .relation(relation) }
  var tables: [TargetTable] { quarantine.map { [$0.table] } ?? [] }
  var targets: [QualifiedName] { tables.map(\.name) }

  func lineage(of table: TargetTable) -> StageLineage {
    lineage.filter { quarantine?.key.contains($0.key) == true }
  }

  var lineage: StageLineage {
    var lineage: StageLineage = [:]
    // What a column was before its first step is the input's column of that name.
    func before(_ column: String, _ known: StageLineage) -> ColumnLineage {
      known[column] ?? ColumnLineage(from: [StageColumn(input, column)])
    }
    for operation in operations {
      let known = lineage
      for (column, origins, expression) in operation.assignments {
        let parts = origins.sorted().map { before($0, known) }
        lineage[column] = ColumnLineage(
          from: parts.reduce(into: []) { $0.formUnion($1.origins) },
          by: parts.flatMap(\.expressions).removingRepeats + [expression])
      }
    }
    for name in relation.schema.names { lineage[name] = before(name, lineage) }
    return lineage
  }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    guard var columns = wanted, quarantine == nil else { return nil }
    for reads in operations.map(\.reads) + expectations.map(\.reads) {
      guard let reads else { return nil }
      columns.formUnion(reads)
    }
    return columns
  }

  var secretDigests: [String] { operations.compactMap { ($0 as? HashOperation)?.fingerprint } }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    operations.map { PlannedStep($0.label, isAsOf: $0.isAsOf) }
      + (expectations.isEmpty
        ? [] : [PlannedStep("check \(expectations.count) expectations of the result")])
      + (quarantine.map { [PlannedStep($0.description)] } ?? [])
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let source = SourceRelation(try context.relation(input), zone: context.zone)
    let evaluation = EvaluationContext(asOf: context.asOf, zone: source.zone)
    let (own, repeated) = steps(over: source)
    var counts: [StepCount] = []
    var rejected: [RejectedRows] = []
    var base = source.base
    for operation in own {
      try Task.checkCancellation()
      base = try await counted(operation, on: base, evaluation, &counts, &rejected)
    }
    var cleaned = cleaned(base, source)
    // A step may have moved rows in time, past the as-of.
    var frame =
      source.pending.isEmpty
      ? cleaned.rows(before: context.asOf) : try await source.frame(asOf: context.asOf)
    for operation in repeated {
      try Task.checkCancellation()
      frame = try await counted(operation, on: frame, evaluation, &counts, &rejected)
    }
    cleaned.remembered = (context.asOf, frame)

    let input = try await source.frame(asOf: context.asOf).rowCount
    let facts = CleanFacts(
      inputRows: input, rejectedRows: counts.reduce(0) { $0 + $1.rejected }, evaluation: evaluation)
    var violations: [Violation] = []
    for expectation in expectations {
      if let violation = try expectation.violation(in: frame, facts) {
        violations.append(violation)
      }
    }
    if context.enforcesExpectations, let failure = violations.failure(preview: preview) {
      throw failure
    }
    var notes = counts.compactMap(\.note)
    if let quarantine {
      let rows = quarantine.rows(rejected)
      try await context.publish(rows, as: quarantine.table)
      notes.append("\(quarantine.table.name): \(rows.rowCount) rows")
    }
    return StageResult(
      output: .relation(cleaned), rows: frame.rowCount, notes: notes,
      warnings: violations.warnings(preview: preview),
      details: .object([
        "input_rows": .integer(input),
        "steps": .array(counts.map(\.json)),
      ]))
  }

  /// Steps up to the first that looks at several rows are done once for all as-ofs, unless the input
  /// itself has steps that must be repeated.
  private func steps(
    over source: SourceRelation
  ) -> (own: [any CleanOperation], repeated: [any CleanOperation]) {
    let own = source.pending.isEmpty ? Array(operations.prefix { !$0.isAsOf }) : []
    return (own, Array(operations.dropFirst(own.count)))
  }

  /// The rows as a function of the as-of, from those after its own steps.
  func cleaned(_ base: Frame, _ source: SourceRelation) -> SourceRelation {
    var cleaned = SourceRelation(
      shape: relation, zone: source.zone, base: base,
      visibility: relation.visibility(of: base, zone: source.zone),
      pending: source.pending + steps(over: source).repeated)
    cleaned.undated = source.undated?.then(operations)
    return cleaned
  }

  private func counted(
    _ operation: any CleanOperation, on frame: Frame, _ context: EvaluationContext,
    _ counts: inout [StepCount], _ rejected: inout [RejectedRows]
  ) async throws -> Frame {
    let outcome = try await operation.apply(to: frame, in: context)
    counts.append(StepCount(operation, outcome, removed: frame.rowCount - outcome.frame.rowCount))
    rejected += outcome.rejected
    return outcome.frame
  }
}
