import Expressions
import Frames
import PipelineFiles

/// An aggregate and the columns that it becomes: one for each window, or one.
struct FeatureAggregate: Sendable {
  let fields: [Field]
  let expression: AggregateExpression
  let isWindowed: Bool
}

/// What is worked out from the rows of one stage.
struct FeatureSourcePlan: Sendable {
  let stage: String
  let entityColumn: String
  let time: String?
  let condition: TypedExpression?
  let windowed: [FeatureAggregate]
  let ever: [FeatureAggregate]
}

/// Features as a function of the as-of: the same for training at past instants and for tonight.
struct FeaturesPlan: StagePlan {
  let entityStage: String
  let entity: Field
  /// In the order of the file.
  let windows: [Span]
  let sources: [FeatureSourcePlan]
  let derived: [(Field, TypedExpression)]
  let relation: RelationShape

  var shape: StageShape { .relation(relation) }

  var lineage: StageLineage {
    var lineage: StageLineage = [
      entity.name: ColumnLineage(from: [StageColumn(entityStage, entity.name)])
    ]
    for source in sources {
      for aggregate in source.windowed + source.ever {
        var expression = aggregate.expression.text
        if let condition = source.condition { expression += " where \(condition.text)" }
        // A count of rows is made from all of a row, its time at the least.
        let columns = aggregate.expression.columns
        let origins = columns.isEmpty ? Set([source.time ?? source.entityColumn]) : columns
        for (place, field) in aggregate.fields.enumerated() {
          let window =
            aggregate.fields.count == windows.count && aggregate.isWindowed
            ? " over \(windows[place].description)" : ""
          lineage[field.name] = ColumnLineage(
            from: Set(origins.map { StageColumn(source.stage, $0) }), by: [expression + window])
        }
      }
    }
    for (field, expression) in derived {
      let parts = expression.columns.sorted().compactMap { lineage[$0] }
      lineage[field.name] = ColumnLineage(
        from: parts.reduce(into: []) { $0.formUnion($1.origins) },
        by: parts.flatMap(\.expressions).removingRepeats + [expression.text])
    }
    return lineage
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    var steps = [PlannedStep("one row for each \(entity.name) of \(entityStage)", isAsOf: true)]
    for source in sources {
      let names = (source.windowed + source.ever).flatMap(\.fields).count
      steps.append(PlannedStep("\(names) features from \(source.stage)", isAsOf: true))
    }
    if !derived.isEmpty {
      steps.append(PlannedStep("\(derived.count) features from the others", isAsOf: true))
    }
    return steps
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    var features = FeatureRelation(
      plan: self, zone: context.zone, entities: try context.relation(entityStage),
      sources: try sources.map { try context.relation($0.stage) })
    let frame = try await features.frame(asOf: context.asOf)
    features.remembered = (context.asOf, frame)
    return StageResult(
      output: .relation(features), rows: frame.rowCount,
      notes: ["\(relation.schema.fields.count - 1) features"],
      details: .object(["features": .integer(relation.schema.fields.count - 1)]))
  }
}
