import Expressions
import Frames
import Learning
import MemoryEngine
import PipelineFiles
import Relations

/// Probability, risk and causes for each entity.
struct ScoreWork: StageWork {
  let model: ModelShape
  /// The stage that makes the features.
  let features: String
  let levels: [(name: String, limit: Limit)]
  let explain: Int
  let all: Bool

  private var probability: String { "\(model.name)_probability" }
  private var entity: Field { model.entity }
  /// None where the stage says no levels.
  private var risks: [String] {
    levels.isEmpty ? [] : (levels.map(\.name) + [Self.otherwise]).removingRepeats
  }

  /// The risk of those for whom no level holds.
  static let otherwise = "low"
  /// The column of the cause that raises a score most.
  static let topCause = "top_cause"
  /// The top cause where nothing raises the score, or where there is no score.
  static let unknownCause = "unknown"

  var relation: RelationShape {
    let fields = [
      entity,
      Field(
        probability, .float8, isNullable: false,
        about:
          "Calibrated probability between 0 and 1 that the model gives, learnt by \(model.algorithm)."
      ),
      Field(
        "\(model.name)_risk", .text, isNullable: levels.isEmpty, values: risks,
        about: levels.isEmpty
          ? "Level of risk; null, for no levels are declared."
          : "Level of risk: \(risks.joined(separator: ", "))."),
      Field(
        Self.topCause, .text, isNullable: false,
        values: (model.causes + [CauseGroups.other, Self.unknownCause]).removingRepeats,
        about: "The group of features that raises the score most, unknown where none does; "
          + "associated with it, not proven."),
      Field(
        "causes", .jsonb, isNullable: false,
        about: "Groups of features by weight: cause, share of all, direction up or down."),
    ]
    return RelationShape(
      schema: Schema(fields), key: [entity.name], probability: probability)
  }

  var lineage: StageLineage {
    let inputs = Set(
      model.featureNames.map { StageColumn(features, $0) }
        + [StageColumn(model.name, ModelShape.column)])
    var lineage: StageLineage = [
      entity.name: ColumnLineage(from: [StageColumn(features, entity.name)])
    ]
    for name in relation.schema.names where name != entity.name {
      lineage[name] = ColumnLineage(from: inputs, by: ["model \(model.name), \(model.algorithm)"])
    }
    return lineage
  }

  /// Who is eligible may hang on the entity's own column too.
  var needs: NeededColumns {
    [
      model.name: [],
      features: Set(model.featureNames + [entity.name]).union(model.eligibleColumns),
    ]
  }

  var steps: [PlannedStep] {
    let levels = levels.map { "\($0.name) \($0.limit.text)" } + ["otherwise \(Self.otherwise)"]
    return [
      PlannedStep("score \(all ? "everybody" : "the eligible") of \(features) with \(model.name)"),
      PlannedStep(
        "risk: \(self.levels.isEmpty ? "null, for no levels are declared" : levels.joined(separator: ", "))"
      ),
      PlannedStep("explain each score by its \(explain) largest causes"),
    ]
  }

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let model = try context.artifact(self.model.name, as: LearntModel.self)
    var frame = try await context.relation(features).frame(asOf: context.asOf)
    var isEligible = try model.eligible?.selection(
      over: frame, in: EvaluationContext(asOf: context.asOf, zone: context.zone))
    if !all, let eligible = isEligible {
      frame = frame.filtered(by: eligible)
      isEligible = nil
    }
    guard let entities = frame[entity.name] else {
      throw StageFailure("stage \(features) handed on no column \(entity.name)")
    }
    let matrix = try frame.matrix(of: self.model.featureNames, model.calibrated.categories)
    let probabilities = try await model.calibrated.probabilities(matrix)
    try Task.checkCancellation()
    let causes = try await model.calibrated.explain(matrix, top: explain) { done, all in
      context.progress(.steps(done, of: all))
    }
    var causeTexts = CauseTexts(causes)
    let risks = probabilities.map { levels.isEmpty ? nil : level($0) }
    let scores = Frame(
      schema: relation.schema,
      columns: [
        entities, Column(type: .float8, values: .float64(probabilities)),
        Column(texts: risks),
        Column(texts: (0..<entities.count).map { causes.topCause(row: $0) ?? Self.unknownCause }),
        Column(texts: causeTexts.texts(entities.count), type: .jsonb),
      ], rowCount: entities.count)
    let counts = self.risks.map { name in
      (name, risks.count { $0 == name })
    }
    let eligible = isEligible.map { mask in zip(probabilities, mask).compactMap { $1 ? $0 : nil } }
    let objections = model.standing.holds.map { "model \(self.model.name): \($0)" }
    return StageResult(
      output: .relation(
        FixedRelation(
          shape: relation, zone: context.zone, asOf: context.asOf, frame: scores)),
      rows: scores.rowCount,
      notes: counts.isEmpty ? [] : [counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")],
      warnings: objections
        + [model.standing.warning(of: eligible ?? probabilities, model: self.model.name)]
        .compactMap { $0 },
      details: .object([
        "risk": .object(
          Dictionary(
            counts.map { ($0.0, JSONValue.integer($0.1)) }, uniquingKeysWith: { a, _ in a })),
        "mean_probability": probabilities.isEmpty
          ? .null : .number(probabilities.reduce(0, +) / Double(probabilities.count)),
      ]), objections: objections)
  }

  private func level(_ probability: Double) -> String {
    levels.first { $0.limit.holds(probability) }?.name ?? Self.otherwise
  }
}
