import Expressions
import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// Typed campaigns over joined inputs.
struct TargetWork: StageWork {
  struct Campaign: Sendable {
    /// Whom it fits, and who agreed to its channel.
    let rule: RuleChoice.Rule
    let channel: String
    let offer: String
    /// Times 10^`costScale`.
    let cost: Int64
    let profit: TypedExpression?
    /// The column of the joined inputs whose cause is told; nil where there is none.
    let topCause: String?

    var name: String { rule.name }
  }

  static let costScale = 2
  /// Digits of a cost before the point.
  static let costDigits = 10

  let joined: JoinedInputs
  let entity: Field
  let suppressions: [Suppression]
  let holdout: Double
  /// Times 10^`costScale`.
  let budget: Int64?
  let campaigns: [Campaign]
  /// Name of the table of assignments.
  let assignments: String
  /// The share of a further input's rows that may find none in the first.
  let unmatched: Double?

  /// The columns of causes that campaigns tell.
  private var topCauses: [String] { campaigns.compactMap(\.topCause).removingRepeats }

  private var fields: [Field] {
    [
      entity,
      Field("campaign", .text, isNullable: false, about: "Campaign that the entity fits first."),
      Field("channel", .text, isNullable: false, about: "Channel to contact by; consented to."),
      Field("offer", .text, isNullable: false, about: "What is offered."),
      Field(
        "cost", .numeric(precision: Self.costDigits + Self.costScale, scale: Self.costScale),
        isNullable: false,
        about: "What the contact costs."),
      Field(
        "send_at", .timestamptz, isNullable: false, followsAsOf: true,
        about: "When to contact: not before the as-of."),
      Field(
        "expected_profit", .float8,
        about: "What the contact is expected to bring, where the campaign says so."),
      Field(
        ScoreWork.topCause, .text, isNullable: false,
        isPersonal: topCauses.contains { joined.schema[$0]?.isPersonal == true },
        about: "The group of features that raises the score most; unknown where there is none."),
      Field("priority", .int4, isNullable: false, about: "1 is contacted first."),
    ]
  }

  var relation: RelationShape {
    let arm = Field(
      "arm", .text, isNullable: false,
      about: "treatment is contacted; holdout is not, so that the effect can be measured.")
    return RelationShape(
      schema: Schema(fields), key: [entity.name, "campaign"],
      companions: [
        assignments: RelationShape(
          schema: Schema(fields + [arm]), key: [entity.name, "campaign"])
      ])
  }

  var lineage: StageLineage {
    let rows = self.rows
    let choice = rows.lineage(
      of: campaigns.flatMap { $0.rule.columns },
      by: campaigns.map { "\($0.name) when \($0.rule.condition.text)" })
    var lineage: StageLineage = [:]
    for name in ["campaign", "channel", "offer", "cost", "send_at", "priority", "arm"] {
      lineage[name] = choice
    }
    lineage[entity.name] = rows.lineage(of: [entity.name])
    lineage["expected_profit"] = rows.lineage(
      of: campaigns.flatMap { $0.profit?.columns ?? [] },
      by: campaigns.compactMap { $0.profit?.text })
    lineage[ScoreWork.topCause] = rows.lineage(of: topCauses)
    return lineage
  }

  /// The columns of the joined inputs by which is chosen, and what is told of those who are.
  private var used: Set<String> {
    var used = Set([entity.name, joined.probability].compactMap(\.self) + topCauses)
    for campaign in campaigns {
      used.formUnion(campaign.rule.columns)
      used.formUnion(campaign.profit?.columns ?? [])
    }
    return used
  }

  /// The joined inputs, with what is used of them.
  private var rows: RelationPlan { joined.rows(using: used) }

  /// Who fits which campaign first, and agreed to its channel.
  var choice: RuleChoice {
    RuleChoice(
      Field("campaign", .text), rules: campaigns.map(\.rule), otherwise: nil)
  }

  var needs: NeededColumns {
    suppressions.reduce(into: rows.needs(nil)) { needs, rule in
      needs.merge([rule.stage: rule.reads], uniquingKeysWith: RelationPlan.union)
    }
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    var steps = campaigns.map {
      PlannedStep(
        "\($0.name) by \($0.channel) when \($0.rule.condition.text)"
          + ($0.rule.consent.map { ", if \($0)" } ?? ""))
    }
    for rule in suppressions {
      let start = rule.start(before: asOf, in: zone).shortText(in: zone)
      steps.append(PlannedStep("leave alone who is in \(rule.stage) since \(start)"))
    }
    if holdout > 0 {
      steps.append(PlannedStep("hold out \(Share(holdout)) by keyed hash"))
    }
    if let budget {
      steps.append(
        PlannedStep("spend at most \(budget / 100).\(String(budget % 100 + 100).dropFirst())"))
    }
    return steps
  }

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(rows)
    if context.enforcesExpectations {
      try opened.finds.check(in: joined.stages[0], atMost: unmatched)
    }
    let frame = try await opened.relation.frame(asOf: context.asOf)
    var choice = TargetChoice(plan: self, frame: frame, context: context)
    choice.finds = opened.finds
    try choice.fitCampaigns()
    for suppression in suppressions {
      let relation = try context.relation(suppression.stage)
      try choice.suppress(
        suppression, try await relation.frame(asOf: context.asOf), isUndated: false)
      if let undated = try await relation.undatedRows(asOf: context.asOf) {
        try choice.suppress(suppression, undated, isUndated: true)
      }
    }
    try choice.rank()
    try choice.spend()
    let chosen = try choice.assignments()
    guard let companion = relation.companions[assignments] else {
      throw StageFailure("the assignments have no shape")
    }
    let all = Frame(schema: companion.schema, columns: chosen.columns, rowCount: chosen.rowCount)
    let targets = all.filtered(by: choice.isTreated).selecting(relation.schema.names)
    return StageResult(
      output: .relation(
        FixedRelation(
          shape: relation, zone: context.zone, asOf: context.asOf, frame: targets,
          beside: [
            assignments: FixedRelation(
              shape: companion, zone: context.zone, asOf: context.asOf, frame: all)
          ])),
      rows: targets.rowCount,
      notes: choice.notes, warnings: choice.warnings, details: choice.details)
  }
}
