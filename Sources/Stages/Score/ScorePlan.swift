import Expressions
import Frames
import Learning
import PipelineFiles

/// Probability, risk and causes for each entity.
struct ScorePlan: StagePlan {
  let model: ModelShape
  /// The stage that makes the features.
  let features: String
  let levels: [(name: String, bound: Bound)]
  let explain: Int
  let all: Bool

  private var probability: String { "\(model.name)_probability" }
  private var entity: Field { model.entity }
  private var risks: [String] { (levels.map(\.name) + [Self.otherwise]).removingRepeats }

  /// The risk of those for whom no level holds.
  static let otherwise = "low"

  var relation: RelationShape {
    let fields = [
      entity,
      Field(
        probability, .float8, isNullable: false,
        about: "Calibrated probability between 0 and 1 that the model gives."),
      Field(
        "\(model.name)_risk", .text, isNullable: false, values: risks,
        about: "Level of risk: \(risks.joined(separator: ", "))."),
      Field(
        "top_cause", .text, values: (model.causes + [CauseGroups.other]).removingRepeats,
        about: "The group of features that raises the score most; associated with it, not proven."),
      Field(
        "causes", .jsonb, isNullable: false,
        about: "Groups of features by weight: cause, share of all, direction up or down."),
    ]
    return RelationShape(
      schema: Schema(fields), key: [entity.name], probability: probability)
  }

  var shape: StageShape { .relation(relation) }

  var lineage: StageLineage {
    let inputs = Set(
      model.featureNames.map { StageColumn(features, $0) }
        + [StageColumn(model.name, ModelShape.column)])
    var lineage: StageLineage = [
      entity.name: ColumnLineage(from: [StageColumn(features, entity.name)])
    ]
    for name in relation.schema.names where name != entity.name {
      lineage[name] = ColumnLineage(from: inputs, by: ["model \(model.name)"])
    }
    return lineage
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    let levels = levels.map { "\($0.name) \($0.bound.text)" } + ["otherwise \(Self.otherwise)"]
    return [
      PlannedStep("score \(all ? "everybody" : "the eligible") of \(features) with \(model.name)"),
      PlannedStep("risk: \(levels.joined(separator: ", "))"),
      PlannedStep("explain each score by its \(explain) largest causes"),
    ]
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let model = try context.artifact(self.model.name, as: ChurnModel.self)
    var frame = try await context.relation(features).frame(asOf: context.asOf)
    if !all, let eligible = model.eligible {
      frame = frame.filtered(
        by: try eligible.selection(
          over: frame, in: EvaluationContext(asOf: context.asOf, zone: context.zone)))
    }
    guard let entities = frame[entity.name] else {
      throw StageFailure("stage \(features) handed on no column \(entity.name)")
    }
    let matrix = try frame.matrix(of: self.model.featureNames)
    let probabilities = try await model.calibrated.probabilities(matrix)
    try Task.checkCancellation()
    let causes = try await model.calibrated.explain(matrix, top: explain) { done, all in
      context.progress(.steps(done, of: all))
    }
    var causeTexts = CauseTexts(causes)
    let risks = probabilities.map { level($0) }
    let scores = Frame(
      schema: relation.schema,
      columns: [
        entities, Column(type: .float8, values: .float64(probabilities)),
        Column(texts: risks.map(Optional.some)),
        Column(texts: (0..<entities.count).map(causes.topCause)),
        Column(texts: causeTexts.texts(entities.count), type: .jsonb),
      ], rowCount: entities.count)
    let counts = self.risks.map { name in
      (name, risks.count { $0 == name })
    }
    return StageResult(
      output: .relation(FixedRelation(shape: relation, asOf: context.asOf, frame: scores)),
      rows: scores.rowCount,
      notes: [counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")],
      details: .object([
        "risk": .object(
          Dictionary(
            counts.map { ($0.0, JSONValue.integer($0.1)) }, uniquingKeysWith: { a, _ in a }))
      ]))
  }

  private func level(_ probability: Double) -> String {
    levels.first { $0.bound.holds(probability) }?.name ?? Self.otherwise
  }
}
