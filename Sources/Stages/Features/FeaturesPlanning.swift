import Diagnostics
import Expressions
import Frames
import PipelineFiles

extension Features {
  public func plan(_ context: PlanContext) -> (any StagePlan)? {
    let report = context.report
    let before = report.errorCount
    guard let entities = context.relation(entity.stage) else { return nil }
    let field = context.field(
      entity.column, in: entities.schema, of: "stage '\(entity.stage.text)'")
    require(entities, entity.stage, report)
    if Set(windows).count != windows.count {
      report.error(
        .duplicateColumn, "the windows are not all different", at: windows.first?.place,
        help: "remove the one that stands twice")
    }
    guard let field else { return nil }
    var entityField = field
    entityField.isNullable = false
    var schema = Schema([entityField])
    let sources = from.entries.compactMap { source in
      self.source(source, entity: entityField, &schema, context)
    }
    // A feature that could not be typed would only make its users fail too.
    guard report.errorCount == before else { return nil }
    var features: [(Field, TypedExpression)] = []
    for entry in derived.entries {
      guard let typed = entry.value.typed(in: schema, report) else { continue }
      let field = Field(
        entry.name.text, typed.type, isNullable: typed.isNullable, isPersonal: typed.isPersonal,
        about: "\(entry.value.snippet.text)")
      if add(field, at: entry.name, &schema, report) { features.append((field, typed)) }
    }
    guard report.errorCount == before else { return nil }
    return FeaturesPlan(
      entityStage: entity.stage.text, entity: entityField, windows: windows.map(\.span),
      sources: sources, derived: features,
      relation: RelationShape(schema: schema, key: [field.name], isRepeatable: true))
  }

  private func source(
    _ entry: Entries<FeatureSource>.Entry, entity: Field, _ schema: inout Schema,
    _ context: PlanContext
  ) -> FeatureSourcePlan? {
    let report = context.report
    guard let relation = context.relation(entry.name) else { return nil }
    let source = entry.value
    let owner = "stage '\(entry.name.text)'"
    require(relation, entry.name, report)
    let column = source.entity?.text ?? entity.name
    guard let key = relation.schema[column] else {
      report.error(
        .unknownColumn, "\(owner) has no column '\(column)' that names the entity",
        at: source.entity?.span ?? entry.name.span, help: "say entity: with the column's name")
      return nil
    }
    guard key.type.storage == entity.type.storage else {
      report.error(
        .wrongType,
        "'\(column)' is of type \(key.type.sqlName), the entity of type \(entity.type.sqlName)",
        at: source.entity?.span ?? entry.name.span, help: "cast one of them")
      return nil
    }
    if relation.time == nil, !source.windowed.entries.isEmpty {
      report.error(
        .missingTime, "\(owner) has no time, so nothing of it lies in a window",
        at: entry.name.span,
        help: "say time: in its extract, or move these features to ever:")
      return nil
    }
    let condition = source.condition.map { condition in
      warn(condition, relation, entry.name, report)
      return condition.typed(in: relation.schema, as: .bool, "where", report)
    }
    let windowed = source.windowed.entries.compactMap { feature in
      aggregate(
        feature, windows.map { "\(feature.name.text)_\($0)" }, windows.map { " over \($0)" },
        relation, entry.name, &schema, report)
    }
    let ever = source.ever.entries.compactMap { feature in
      aggregate(
        feature, [feature.name.text], [" ever"], relation, entry.name, &schema, report)
    }
    if case .some(nil) = condition { return nil }
    return FeatureSourcePlan(
      stage: entry.name.text, entityColumn: column, time: relation.time,
      condition: condition ?? nil,
      windowed: windowed, ever: ever)
  }

  private func aggregate(
    _ feature: Entries<Expression>.Entry, _ names: [String], _ suffixes: [String],
    _ relation: RelationShape, _ stage: Name, _ schema: inout Schema, _ report: Report
  ) -> FeatureAggregate? {
    warn(feature.value, relation, stage, report)
    guard
      let typed = feature.value.typedAggregate(
        in: relation.schema, orderedBy: relation.time, report)
    else { return nil }
    let fields = zip(names, suffixes).map { name, suffix in
      Field(
        name, typed.type, isNullable: typed.isNullable, isPersonal: typed.isPersonal,
        about: feature.value.snippet.text + suffix)
    }
    for field in fields { add(field, at: feature.name, &schema, report) }
    return FeatureAggregate(fields: fields, expression: typed)
  }

  @discardableResult
  private func add(_ field: Field, at name: Name, _ schema: inout Schema, _ report: Report) -> Bool
  {
    guard schema[field.name] == nil else {
      report.error(
        .duplicateColumn, "there are two features '\(field.name)'", at: name.span,
        help: "give one of them another name")
      return false
    }
    schema.append(field)
    return true
  }

  /// Features must be able to ask what was known at a past instant.
  private func require(_ relation: RelationShape, _ name: Name, _ report: Report) {
    if !relation.isRepeatable {
      report.error(
        .missingTime, "nothing says since when the rows of stage '\(name.text)' are known",
        at: name.span,
        help: "say time: in its extract, or timeless: with the reason why it needs none")
    } else if let reason = relation.timeless {
      report.warning(
        .missingTime, "past cutoffs see today's rows of stage '\(name.text)'", at: name.span,
        help: "its extract says timeless: \(reason)")
    }
  }

  private func warn(
    _ expression: Expression, _ relation: RelationShape, _ stage: Name, _ report: Report
  ) {
    for reference in expression.columnReferences
    where relation.schema[reference.name]?.changesInPlace == true {
      report.warning(
        .missingTime,
        "'\(reference.name)' changes in place: past cutoffs see its value of today",
        at: reference.span, help: "stage '\(stage.text)' inherits this from changes: in its extract"
      )
    }
  }
}
