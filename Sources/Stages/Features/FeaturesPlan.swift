import Expressions
import Frames
import PipelineFiles

/// An aggregate and the columns that it becomes: one for each window, or one.
struct FeatureAggregate: Sendable {
  let fields: [Field]
  let expression: AggregateExpression
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
