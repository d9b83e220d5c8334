import Frames
import PipelineFiles
import Relations

/// Typed expectations of the rows of one stage, beside those of others.
struct ExpectedRows: Sendable {
  /// The stage that expects it, under whose name measures are kept.
  let stage: String
  let input: String
  /// The other stages that are looked at.
  let others: [String]
  let checks: [RowCheck]

  /// The columns of a stage that it looks at.
  func needs(of stage: String) -> Set<String> {
    checks.reduce(into: []) { columns, check in
      let needs = check.needs
      if stage == input { columns.formUnion(needs.own) }
      columns.formUnion(needs.others.filter { $0.stage == stage }.map(\.column))
    }
  }

  /// What was found.
  struct Outcome: Sendable {
    let rows: Int
    let violations: [Violation]
    /// Those of them that say how the rows differ from those of earlier runs.
    let drift: [String]
    let notes: [String]
    let details: CheckDetails
  }

  func outcome(_ context: any StageContext) async throws -> Outcome {
    let relation = try context.relation(input)
    var others: [String: any Relation] = [:]
    for other in [input] + self.others { others[other] = try context.relation(other) }
    let facts = RunFacts(asOf: context.asOf, zone: relation.zone)
    let rows = try await relation.frame(asOf: context.asOf).rowCount
    let found = try await context.engine.findings(
      of: checks, in: CheckedRows(relation, others: others, rejected: (0, of: rows), in: facts))
    var past: [Measure: [Double]] = [:]
    for change in checks.changes { past[change.measure] = try await self.past(change, context) }
    var violations: [Violation] = []
    var drift: [String] = []
    var measures: [String: Double?] = [:]
    for (check, found) in zip(checks, found) {
      var before: [Double] = []
      if case .change(let change) = check {
        before = past[change.measure] ?? []
        if case .measure(let value) = found {
          measures.updateValue(value.isFinite ? value : nil, forKey: change.measure.name)
        }
      }
      guard let violation = try check.violation(found, of: input, in: facts, past: before) else {
        continue
      }
      violations.append(violation)
      if case .change = check { drift.append(violation.message) }
    }
    return Outcome(
      rows: rows, violations: violations, drift: drift,
      notes: ["\(checks.count - violations.count) of \(checks.count) expectations hold"]
        + comparisons(past),
      details: CheckDetails(
        expectations: checks.count, violated: violations.count, measures: measures))
  }

  /// What the last published runs measured, the latest first. How many rows there were is known of
  /// every stage; the rest this stage kept itself.
  private func past(_ change: ChangeCheck, _ context: any StageContext) async throws -> [Double] {
    if case .rows = change.measure {
      return try await context.pastRuns(of: input, atMost: change.runs)
        .compactMap { $0.rows.map(Double.init) }
    }
    return try await context.pastRuns(of: stage, atMost: change.runs)
      .compactMap {
        $0.details.details(as: CheckDetails.self)?.measures?[change.measure.name] ?? nil
      }
  }

  /// What there was to compare with, where it is less than was asked for.
  private func comparisons(_ past: [Measure: [Double]]) -> [String] {
    let counts = checks.changes.map { (asked: $0.runs, found: past[$0.measure]?.count ?? 0) }
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

/// What a run keeps of checks for programs, and what later runs compare themselves with. What may be
/// missing in what another stage of that name kept is optional.
struct CheckDetails: Codable, Sendable {
  var expectations: Int
  var violated: Int
  /// By the name of the measure; null for one that is no finite number.
  var measures: [String: Double?]?
}
