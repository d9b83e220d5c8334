import Frames
import MemoryEngine
import PipelineFiles

/// Typed expectations of the rows of one stage, beside those of others.
struct ExpectedRows: Sendable {
  /// The stage that expects it, under whose name measures are kept.
  let stage: String
  let input: String
  /// The other stages that are looked at.
  let others: [String]
  let checks: [any DataCheck]

  /// The columns of a stage that it looks at.
  func needs(of stage: String) -> Set<String> {
    checks.reduce(into: []) { columns, check in
      if stage == input { columns.formUnion(check.reads) }
      columns.formUnion(check.othersRead.filter { $0.stage == stage }.map(\.column))
    }
  }

  /// What was found.
  struct Outcome: Sendable {
    let rows: Int
    let violations: [Violation]
    /// Those of them that say how the rows differ from those of earlier runs.
    let drift: [String]
    let notes: [String]
    /// What later runs compare themselves with.
    let details: [String: JSONValue]
  }

  func outcome(_ context: any StageContext) async throws -> Outcome {
    let relation = try context.relation(input)
    var frames: [String: Frame] = [:]
    for other in [input] + others {
      frames[other] = try await context.relation(other).frame(asOf: context.asOf)
    }
    let rows = frames[input] ?? .empty(relation.shape.schema)
    var data = CheckedData(
      rows: rows, others: frames, asOf: context.asOf,
      zone: relation.zone)
    let changes = checks.compactMap { $0 as? ChangeCheck }
    for change in changes { data.past[change.measure] = try await past(change, context) }
    var violations: [Violation] = []
    var drift: [String] = []
    for check in checks {
      try Task.checkCancellation()
      guard let violation = try check.violation(in: data) else { continue }
      violations.append(violation)
      if check is ChangeCheck { drift.append(violation.message) }
    }
    return Outcome(
      rows: rows.rowCount, violations: violations, drift: drift,
      notes: ["\(checks.count - violations.count) of \(checks.count) expectations hold"]
        + comparisons(changes, data),
      details: [
        "expectations": .integer(checks.count), "violated": .integer(violations.count),
        "measures": .object(
          Dictionary(
            try changes.map { ($0.measure.name, .number(try $0.measure.value(in: rows))) },
            uniquingKeysWith: { first, _ in first })),
      ])
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
