import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Chooses who is contacted, with what, and who is held out to measure the effect.
public struct Target: StageKind, HasCompanions {
  public static let kind = "target"
  public static let group = StageGroup.decisions
  public static let about =
    "Chooses who is contacted: consent and suppression, a holdout, and a budget, in this order."
  public static let example = """
    win_back:
      target:
        input: [segments, scores, users]
        consent: { phone: phone_consent }
        suppress: [{ contacted_within: 14d, from: sends }]
        holdout: 10%
        budget: 50000
        campaigns:
          - { name: vip_call, when: "segment = 'at_risk_vip'", channel: phone, offer: concierge, cost: 30 }
    """

  let input: OneOrMany<StageName>
  let consent: EntriesByName<Name, ColumnName>
  let suppress: [Suppression]
  let holdout: Share
  let budget: Number?
  let campaigns: Placed<[Campaign]>
  let assignments: Name
  let unmatched: Share?

  public init(_ keys: inout Keys) {
    input = keys("input", "Stages whose columns are used; the first decides the rows.")
    consent = keys(
      "consent",
      "For each channel the column that is true for those who agreed to it: consent: { email: email_ok }.",
      such: "phone_consent"
    )
    suppress = keys("suppress", "Who is left alone.", default: [], shown: "none")
    holdout = keys(
      "holdout",
      "Share that is chosen but not contacted, to measure the effect; needs roost.yaml's holdout_key.",
      default: Share(0), shown: "0%")
    budget = keys("budget", "What all contacts together may cost.")
    campaigns = keys("campaigns", "Campaigns; each entity takes part in the first that it fits.")
    assignments = keys(
      "assignments", "Table that shows everybody chosen, those held out included, beside the list.",
      default: Self.assignmentsTable, shown: "campaign_assignments")
    unmatched = keys(
      "unmatched",
      "Share of the rows of a further input that may find none in the first; more stop the run. Left out, only all of ten or more stop it."
    )
  }

  struct Suppression: Record {
    static let about = "Leaves alone who was contacted lately."
    let contactedWithin: Duration
    let from: StageName
    let entity: ColumnName?
    let unmatched: Share?

    init(_ keys: inout Keys) {
      contactedWithin = keys("contacted_within", "How long ago at the most.")
      from = keys("from", "Stage of contacts with a time.")
      entity = keys("entity", "Column that names the entity; its own name when left out.")
      unmatched = keys(
        "unmatched",
        "Share of those contacts that may name nobody of the first input; more stop the run. Left out, only all of ten or more stop it."
      )
    }
  }

  struct Campaign: Record {
    static let about = "Whom to contact how, with what, at what cost."
    let name: Name
    let when: Expression
    let channel: Name
    let offer: Phrase
    let cost: Number
    let profit: Expression?
    let causeOf: StageName?

    init(_ keys: inout Keys) {
      name = keys("name", "Name of the campaign.", such: "vip_call")
      when = keys("when", "Whom it fits.")
      channel = keys("channel", "Channel, one of those under consent.", such: "phone")
      offer = keys("offer", "What is offered.", such: "coupon_20")
      cost = keys("cost", "What one contact costs.")
      profit = keys("profit", "What one contact is expected to bring; the best come first.")
      causeOf = keys(
        "cause_of",
        "Stage of scores whose top cause is told; of several, the one whose columns the rule uses when left out."
      )
    }
  }

  public var inputs: [StageName] { input.values + suppress.map(\.from) }
  public var companions: [Name] { [assignments] }

  private static var assignmentsTable: Name {
    let file = SourceFile(name: "", text: "campaign_assignments")
    return (try? Name(parsing: Snippet(file: file))) ?? .blank
  }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    checkWithoutColumns(context)
    guard let joined = JoinedInputs(input.values, context) else { return nil }
    guard joined.key.count == 1, let entity = joined.schema[joined.key[0]] else {
      report.error(
        .wrongInput,
        "contacts are made with one entity, but the rows have the key "
          + joined.key.joined(separator: ", "), at: input.values[0].span,
        help: "name a stage with a single key column first")
      return nil
    }
    if !entity.type.hasCanonicalText {
      report.error(
        .wrongType,
        "'\(entity.name)' is of type \(entity.type.sqlName), by which nobody can be held out",
        at: input.values[0].span, help: "use a key of text, whole numbers or uuids")
    }
    for column in consent.entries {
      guard !["true", "false"].contains(column.value.text),
        let field = context.field(column.value, in: joined.schema, of: "the input")
      else {
        continue
      }
      if field.type != .bool {
        report.error(
          .wrongType, "'\(field.name)' is of type \(field.type.sqlName), not true or false",
          at: column.value.span, help: "name a boolean column")
      }
    }
    let suppressions = suppress.compactMap { self.suppression($0, entity: entity, context) }
    let planned = campaigns.value.compactMap { campaign($0, joined, context) }
    guard report.errorCount == before else { return nil }
    if context.publishers.isEmpty {
      report.warning(
        .unpublishedList,
        "no stage publishes what '\(context.stage.text)' chooses: neither the list nor "
          + "\(assignments.text)", at: context.stage.span,
        help: "add a stage write: { input: \(context.stage.text), table: "
          + "marketing.campaign_targets, key: [\(entity.name), campaign] }")
    }
    let work = TargetWork(
      joined: joined, entity: entity, suppressions: suppressions, holdout: holdout.fraction,
      budget: budget?.money(scale: TargetWork.costScale), campaigns: planned,
      assignments: assignments.text, unmatched: unmatched?.fraction)
    return StagePlan(
      output: .made(.relation(work.relation), lineage: work.lineage, needs: work.needs),
      reading: nil, publishes: [], atPublication: nil, asksFrom: context.asOf, checkpoint: .rows,
      secretDigests: [], notes: work.steps(asOf: context.asOf, zone: context.zone), work: work)
  }

  private func suppression(
    _ rule: Suppression, entity: Field, _ context: PlanContext
  ) -> Relations.Suppression? {
    guard let relation = context.relation(rule.from) else { return nil }
    guard
      let column = context.entityColumn(rule.entity, like: entity, in: relation, of: rule.from)
    else { return nil }
    guard let time = relation.time else {
      context.report.error(
        .missingTime, "stage '\(rule.from.text)' has no time", at: rule.from.span,
        help: "say time: in its extract")
      return nil
    }
    return Relations.Suppression(
      stage: rule.from.text, entityColumn: column, time: time, within: rule.contactedWithin.span,
      unmatched: rule.unmatched?.fraction)
  }

  /// What can be said without knowing any columns.
  private func checkWithoutColumns(_ context: PlanContext) {
    let report = context.report
    if holdout.fraction > 0 {
      if let key = context.project.settings.holdoutKey {
        context.require(key)
      } else {
        report.error(
          .keyCombination, "a holdout needs the project's 'holdout_key'", at: holdout.place,
          help: "add holdout_key: ${ROOST_HOLDOUT_KEY} to \(context.project.file.name)")
      }
    }
    for channel in consent.entries where ["true", "false"].contains(channel.value.text) {
      report.error(
        .wrongValue, "'\(channel.value.text)' is no column: consent names one for each channel",
        at: channel.value.span,
        help:
          "to let all of them in, say so in a clean step: set: { \(channel.name.text)_ok: \"\(channel.value.text)\" }"
      )
    }
    if let budget { checkMoney(budget, "a budget", digits: 15, report) }
    if campaigns.value.isEmpty {
      report.error(
        .wrongValue, "there are no campaigns", at: campaigns.key, help: "name at least one")
    }
    for (place, campaign) in campaigns.value.enumerated() {
      if campaigns.value[..<place].contains(where: { $0.name == campaign.name }) {
        report.error(
          .duplicateKey, "there are two campaigns '\(campaign.name.text)'",
          at: campaign.name.span, help: "give one of them another name")
      }
      if consent[campaign.channel.text] == nil {
        report.error(
          .unknownChannel, "nothing under consent says who agreed to '\(campaign.channel.text)'",
          at: campaign.channel.span,
          help: Suggestion.help(
            for: campaign.channel.text, in: consent.entries.map(\.name.text))
            ?? "say which column is true for those who did: consent: { \(campaign.channel.text): … }"
        )
      }
      checkMoney(campaign.cost, "a cost", digits: TargetWork.costDigits, report)
    }
  }

  private func checkMoney(_ number: Number, _ what: String, digits: Int, _ report: Report) {
    let whole = number.text.prefix { $0 != "." }
    if whole.count <= digits, let money = number.money(scale: TargetWork.costScale), money >= 0 {
      return
    }
    report.error(
      .wrongValue,
      "\(what) is a number from 0 with at most \(digits) digits and two decimals, "
        + "found \(number.text)",
      at: number.span, help: "write it as 20 or 99.50")
  }

  private func campaign(
    _ campaign: Campaign, _ joined: JoinedInputs, _ context: PlanContext
  ) -> TargetWork.Campaign? {
    let report = context.report
    guard let consent = consent[campaign.channel.text],
      let cost = campaign.cost.money(scale: TargetWork.costScale)
    else { return nil }
    guard let condition = campaign.when.typed(in: joined.schema, as: .bool, "when", report) else {
      return nil
    }
    var profit: TypedExpression?
    if let expression = campaign.profit {
      guard let typed = expression.typed(in: joined.schema, as: .float8, "profit", report) else {
        return nil
      }
      if typed.isPersonal {
        report.error(
          .personalData, "a profit may not be worked out from personal data",
          at: expression.snippet.span, help: "use other columns")
      }
      profit = typed
    }
    let used = condition.columns.union(profit?.columns ?? [])
    guard let causes = causes(of: campaign, using: used, joined, report) else { return nil }
    return .init(
      rule: RuleChoice.Rule(campaign.name.text, when: condition, consent: consent.text),
      channel: campaign.channel.text, offer: campaign.offer.text, cost: cost, profit: profit,
      topCause: causes.stage.map { "\($0).\(ScoreWork.topCause)" })
  }

  /// Whose top cause is told.
  private struct CauseSource {
    let stage: String?
  }

  /// The input whose top cause is told of a campaign: no stage where no input has any.
  /// - Returns: nil where several have one, and the campaign does not say which; that is reported.
  private func causes(
    of campaign: Campaign, using columns: Set<String>, _ joined: JoinedInputs, _ report: Report
  ) -> CauseSource? {
    let stages = joined.stages.filter {
      joined.schema["\($0).\(ScoreWork.topCause)"]?.type == .text
    }
    if let named = campaign.causeOf {
      if stages.contains(named.text) { return CauseSource(stage: named.text) }
      report.error(
        .ambiguousCause, "stage '\(named.text)' is no input that has a top cause",
        at: named.span,
        help: Suggestion.help(for: named.text, in: stages)
          ?? (stages.isEmpty ? "leave cause_of out" : "name \(stages.joined(separator: " or "))"))
      return nil
    }
    if stages.count < 2 { return CauseSource(stage: stages.first) }
    let used = Set(columns.compactMap(joined.stage)).intersection(stages)
    if used.count == 1 { return CauseSource(stage: used.first) }
    report.error(
      .ambiguousCause,
      "\(stages.joined(separator: " and ")) both have a top cause, and the rule of campaign "
        + "'\(campaign.name.text)' uses columns of \(used.isEmpty ? "neither" : "both")",
      at: campaign.name.span, help: "say whose is told: cause_of: \(stages[0])")
    return nil
  }
}

extension Number {
  /// The number times 10^scale; nil where it has more decimals or is too large.
  func money(scale: Int) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let decimals = parts.count > 1 ? parts[1] : ""
    guard decimals.count <= scale, parts[0].count <= 15 else { return nil }
    let zeros = String(repeating: "0", count: scale - decimals.count)
    return Int64(parts[0] + decimals + zeros)
  }
}
