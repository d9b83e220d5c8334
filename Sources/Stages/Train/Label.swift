import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// What is predicted: an aggregate over the rows in `[cutoff + gap, cutoff + gap + within)`.
struct Label: Record {
  static let about = "What is predicted, from rows after a cutoff."
  let name: Name
  let from: StageName
  let entity: ColumnName?
  let condition: Expression?
  let test: Expression
  let within: Duration
  let gap: Duration

  init(_ keys: inout Keys) {
    name = keys("name", "What an entity is called for which it is true.", such: "churned")
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
