import Frames
import PipelineFiles

/// Typed expectations of the rows of one stage.
struct CheckPlan: StagePlan {
  let input: String
  /// The other stages that are looked at.
  let others: [String]
  let checks: [any DataCheck]
  let stops: Bool
  /// The command that shows the rows of the input.
  let preview: String

  var shape: StageShape { .nothing }
  var lineage: StageLineage { [:] }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    let beside = others.isEmpty ? "" : " beside \(others.joined(separator: ", "))"
    return [
      PlannedStep(
        "check \(checks.count) expectations of \(input)\(beside), "
          + (stops ? "and publish nothing unless they hold" : "and warn where one does not hold"))
    ]
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let relation = try context.relation(input)
    var frames: [String: Frame] = [:]
    for other in [input] + others {
      frames[other] = try await context.relation(other).frame(asOf: context.asOf)
    }
    let rows = frames[input] ?? .empty(relation.shape.schema)
    let data = CheckedData(
      rows: rows, others: frames, asOf: context.asOf,
      zone: (relation as? SourceRelation)?.zone ?? context.zone)
    var violations: [Violation] = []
    for check in checks {
      try Task.checkCancellation()
      if let violation = try check.violation(in: data) { violations.append(violation) }
    }
    if stops, context.enforcesExpectations, let failure = violations.failure(preview: preview) {
      throw failure
    }
    return StageResult(
      output: .nothing, rows: rows.rowCount,
      notes: ["\(checks.count - violations.count) of \(checks.count) expectations hold"],
      warnings: violations.map { violation in
        violation.message
          + (violation.offending.map {
            "; see the rows with: \(preview) --where \(ShellText.quoted($0))"
          } ?? "")
      },
      details: .object([
        "expectations": .integer(checks.count), "violated": .integer(violations.count),
      ]))
  }
}
