import Frames
import PipelineFiles

/// Typed expectations of the rows of one stage.
struct CheckPlan: StagePlan {
  /// Its own name.
  let stage: String
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
    var data = CheckedData(
      rows: rows, others: frames, asOf: context.asOf,
      zone: (relation as? SourceRelation)?.zone ?? context.zone)
    let changes = checks.compactMap { $0 as? ChangeCheck }
    for change in changes { data.past[change.measure] = try await past(change, context) }
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
      notes: ["\(checks.count - violations.count) of \(checks.count) expectations hold"]
        + comparisons(changes, data),
      warnings: violations.warnings(preview: preview),
      details: .object([
        "expectations": .integer(checks.count), "violated": .integer(violations.count),
        "measures": .object(
          Dictionary(
            changes.map { ($0.measure.name, .number($0.measure.value(in: rows))) },
            uniquingKeysWith: { first, _ in first })),
      ]))
  }

  /// What the last published runs measured, the latest first. How many rows there were is known of
  /// every stage; the rest this stage kept itself.
  private func past(_ change: ChangeCheck, _ context: any StageContext) async throws -> [Double] {
    if case .rows = change.measure {
      return try await context.pastRuns(of: input, atMost: change.runs)
        .compactMap { $0.rows.map(Double.init) }
    }
    return try await context.pastRuns(of: stage, atMost: change.runs)
      .compactMap { $0.details["measures"]?[change.measure.name]?.double }
  }

  /// What there was to compare with, where it is less than was asked for.
  private func comparisons(_ changes: [ChangeCheck], _ data: CheckedData) -> [String] {
    let counts = changes.map { (asked: $0.runs, found: data.past[$0.measure]?.count ?? 0) }
    guard let least = counts.min(by: { $0.found < $1.found }), least.found < least.asked else {
      return []
    }
    return [
      least.found == 0
        ? "there is no published run yet to compare with"
        : "compared with \(least.found) published \(least.found == 1 ? "run" : "runs"), "
          + "the first of \(least.asked)"
    ]
  }
}
