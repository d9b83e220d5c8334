import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// What is predicted: an aggregate over the rows in `[cutoff + gap, cutoff + gap + within)`.
struct Label: Record {
  static let about = "What is predicted, from rows after a cutoff."
  let name: Name
  let from: Name
  let entity: Name?
  let condition: Expression?
  let test: Expression
  let within: Duration
  let gap: Duration

  init(_ keys: inout Keys) {
    name = keys("name", "What an entity is called for which it is true.")
    from = keys("from", "Stage whose rows decide.")
    entity = keys("entity", "Column that names the entity; the entity's own name when left out.")
    condition = keys("where", "Only rows for which this is true count.")
    test = keys("is", "True or false over the rows of one entity, such as count(*) = 0.")
    within = keys("within", "How far after the cutoff it looks.")
    gap = keys(
      "gap", "Time after the cutoff that it leaves out.", default: Duration(.days(0)), shown: "0d")
  }

  func plan(entity: Field, _ context: PlanContext) -> LabelPlan? {
    let report = context.report
    guard let relation = context.relation(from) else { return nil }
    guard
      let column = context.entityColumn(self.entity, like: entity, in: relation, of: from)
    else { return nil }
    guard let time = relation.time, relation.isRepeatable else {
      report.error(
        .missingTime, "stage '\(from.text)' has no time, so nothing lies after a cutoff",
        at: from.span, help: "say time: in its extract")
      return nil
    }
    context.refuseChosenRows(relation, of: from, "the label sees")
    context.refuseFound(by: column, relation, of: from, "the label sees")
    for expression in [condition, test].compactMap({ $0 }) {
      context.warnOfTodaysValues(in: expression, relation, of: from, "the label sees")
    }
    let condition = condition.map { $0.typed(in: relation.schema, as: .bool, "where", report) }
    guard
      let test = test.typedAggregate(
        in: relation.schema, orderedBy: time, as: .bool, "is", report)
    else {
      return nil
    }
    if case .some(nil) = condition { return nil }
    return LabelPlan(
      name: name.text, stage: from.text, entityColumn: column, time: time,
      condition: condition ?? nil, test: test,
      window: LabelWindow(gap: gap.span, within: within.span))
  }
}

/// A typed label.
struct LabelPlan: Sendable {
  let name: String
  let stage: String
  let entityColumn: String
  let time: String
  let condition: TypedExpression?
  let test: AggregateExpression
  let window: LabelWindow

  /// The columns of its stage on which it depends what the label is: of its test and of its condition,
  /// and the time that puts rows before a cutoff or after.
  var deciding: Set<String> {
    test.columns.union(condition?.columns ?? []).union([time])
  }

  /// The columns of its stage that it reads.
  var columns: Set<String> {
    deciding.union([entityColumn])
  }

  /// What it asks of its rows.
  var rowsPlan: FeatureRowsPlan {
    FeatureRowsPlan(
      entityColumn: entityColumn, time: time, condition: condition, columns: test.columns)
  }

  /// The label of each entity at a cutoff; nil where the test is null.
  /// - Parameters:
  ///   - rows: the label's rows.
  ///   - seen: when they are looked at, such as the run's as-of.
  func values(
    for entities: Column, at cutoff: Instant, rows: FeatureRows, seen: Instant,
    in context: EvaluationContext
  ) throws -> [Bool?] {
    let start = context.zone.instant(cutoff, plus: window.gap).microseconds
    let inWindow = rows.inWindows(
      until: window.end(of: cutoff, in: context.zone), from: [start], knownBefore: seen)
    let column = try test.accumulate(
      over: rows.frame, rows: inWindow.rows, groups: inWindow.groups, groupCount: rows.groupCount,
      in: context
    ).finish(rows.groups(of: entities), in: context)
    guard case .bool(let values) = column.values else {
      throw StageFailure("the label \(name) is neither true nor false")
    }
    return values.indices.map { column.isNull($0) ? nil : values[$0] }
  }

  /// Days from the last counted row before a cutoff to the cutoff, for each entity: what a model has
  /// to beat. Larger than any number of days where there is no such row.
  /// - Parameter rows: the label's rows, of which those count that are known at the cutoff.
  func recency(for entities: Column, at cutoff: Instant, rows: FeatureRows) -> [Double] {
    let owners = rows.groups(asOf: cutoff)
    let instants = rows.instants ?? []
    let end = cutoff.microseconds
    var last = [Int64](repeating: .min, count: rows.groupCount)
    last.withUnsafeMutableBufferPointer { last in
      for (owner, instant) in zip(owners, instants) where owner >= 0 && instant < end {
        last[Int(owner)] = max(last[Int(owner)], instant)
      }
    }
    return rows.groups(of: entities).map {
      (Double(end) - Double(last[$0])) / Double(Instant.microsecondsPerDay)
    }
  }
}
