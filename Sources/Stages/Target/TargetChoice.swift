import Expressions
import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// Chooses step by step. Consent and suppression come first; then the order, then the budget, which
/// cuts treated and held out alike, so that both arms are comparable.
struct TargetChoice {
  private let plan: TargetWork
  private let frame: Frame
  private let context: any StageContext
  /// The campaign that each row fits first, -1 for none.
  private var campaign: [Int]
  private var profit: [Double?]
  private var order: [Int32] = []
  private var isHeldOut: [Bool] = []
  private var withoutConsent = 0
  private var suppressed = 0
  /// Of those, whose contact says no time.
  private var suppressedWithoutTime = 0
  /// For each campaign how many fit it, whichever they fit first.
  private var fitting: [Int] = []
  /// For each campaign how many profits are neither null nor finite.
  private var unusable: [Int] = []
  private var overBudget = 0
  /// What was found in the joined inputs, and of the contacts that suppress.
  var finds: [KeyFinds] = []

  init(plan: TargetWork, frame: Frame, context: any StageContext) {
    self.plan = plan
    self.frame = frame
    self.context = context
    campaign = Array(repeating: -1, count: frame.rowCount)
    profit = Array(repeating: nil, count: frame.rowCount)
  }

  /// Gives each entity the first campaign that it fits and whose channel it agreed to.
  mutating func fitCampaigns() throws {
    let evaluation = EvaluationContext(asOf: context.asOf, zone: context.zone)
    let matches = try plan.choice.matches(in: frame, evaluation)
    campaign = matches.rules
    fitting = matches.fitting
    withoutConsent = matches.withoutConsent
    for (place, planned) in plan.campaigns.enumerated() {
      let profits = try planned.profit?.evaluate(over: frame, in: evaluation)
      unusable.append(0)
      guard let profits, case .float64(let values) = profits.values else { continue }
      for row in campaign.indices where campaign[row] == place && !profits.isNull(row) {
        // Postgres puts NaN above all numbers: it would be contacted first.
        if values[row].isFinite { profit[row] = values[row] } else { unusable[place] += 1 }
      }
    }
  }

  /// Leaves alone who was contacted within a time before the as-of, or nobody knows when.
  /// - Parameter isUndated: whether these are the contacts that no as-of sees.
  mutating func suppress(_ rule: Suppression, _ contacts: Frame, isUndated: Bool) throws {
    let outcome = try rule.outcome(
      contacts, isUndated: isUndated, of: try frame.column(plan.entity.name),
      in: plan.joined.stages[0], context.facts)
    if context.enforcesExpectations, frame.rowCount >= KeyFinds.fewest || rule.unmatched != nil {
      try outcome.finds.check(atMost: rule.unmatched, "under suppress")
    }
    finds.append(outcome.finds)
    for row in campaign.indices where outcome.isSuppressed[row] && campaign[row] >= 0 {
      campaign[row] = -1
      suppressed += 1
      if isUndated { suppressedWithoutTime += 1 }
    }
  }

  /// Orders by expected profit where there is one, then campaigns as declared, then risk, then key.
  mutating func rank() throws {
    let entities = try frame.column(plan.entity.name)
    let chosen = campaign.indices.filter { campaign[$0] >= 0 }.map { Int32($0) }
    var risk = Column.nulls(.float8, count: frame.rowCount)
    if let name = plan.joined.probability { risk = try frame.column(name) }
    let keys = Frame(
      schema: Schema([
        Field("profit", .float8), Field("campaign", .int4), Field("risk", .float8),
        Field("entity", entities.type),
      ]),
      columns: [
        Column(numbers: profit), Column(integers: campaign), risk, entities,
      ], rowCount: frame.rowCount
    ).taking(chosen)
    order = keys.order(by: [
      SortColumn("profit", descending: true), SortColumn("campaign"),
      SortColumn("risk", descending: true), SortColumn("entity"),
    ]).map { chosen[Int($0)] }
  }

  /// Holds out by hash and goes down the order until the next contact would cost too much.
  mutating func spend() throws {
    let holdout = context.holdoutKey.map { Holdout(key: $0.revealed, share: plan.holdout) }
    if plan.holdout > 0, holdout == nil {
      throw StageFailure(
        "the holdout has no key", help: "set the variable that holdout_key names in roost.yaml")
    }
    let names = try frame.column(plan.entity.name).keyTexts
    var spent: Int64 = 0
    var kept: [Int32] = []
    for row in order {
      let planned = plan.campaigns[campaign[Int(row)]]
      let isOut = holdout?.holdsOut(names[Int(row)], from: planned.name) ?? false
      if !isOut {
        let (cost, overflow) = spent.addingReportingOverflow(planned.cost)
        if let budget = plan.budget, overflow || cost > budget { break }
        spent = overflow ? spent : cost
      }
      kept.append(row)
      isHeldOut.append(isOut)
    }
    overBudget = order.count - kept.count
    order = kept
  }

  /// For each assignment whether it is contacted.
  var isTreated: [Bool] { isHeldOut.map { !$0 } }

  /// Everybody chosen, in order of priority.
  func assignments() throws -> Frame {
    let chosen = order.map { plan.campaigns[campaign[Int($0)]] }
    let entity = frame.selecting([plan.entity.name]).taking(order)
    let columns =
      entity.columns + [
        Column(texts: chosen.map(\.name)), Column(texts: chosen.map(\.channel)),
        Column(texts: chosen.map(\.offer)),
        Column(
          type: .numeric(
            precision: TargetWork.costDigits + TargetWork.costScale, scale: TargetWork.costScale),
          values: .int64(chosen.map(\.cost))),
        Column(
          type: .timestamptz,
          values: .int64(Array(repeating: context.asOf.microseconds, count: order.count))),
        Column(numbers: order.map { profit[Int($0)] }), Column(texts: try causes()),
        Column(integers: order.indices.map { $0 + 1 }),
        Column(texts: isHeldOut.map { $0 ? "holdout" : "treatment" }),
      ]
    let names =
      [
        plan.entity.name, "campaign", "channel", "offer", "cost", "send_at", "expected_profit",
        "top_cause", "priority", "arm",
      ]
    let schema = Schema(zip(names, columns).map { Field($0, $1.type) })
    return Frame(schema: schema, columns: columns, rowCount: order.count)
  }

  /// Of everybody chosen the cause of the score that the campaign goes by.
  private func causes() throws -> [String?] {
    var columns: [String: [String?]] = [:]
    for name in Set(plan.campaigns.compactMap(\.topCause)) {
      let column = try frame.column(name)
      columns[name] = order.map { column.text(Int($0)) }
    }
    return order.indices.map { place in
      let name = plan.campaigns[campaign[Int(order[place])]].topCause
      return name.flatMap { columns[$0]?[place] } ?? ScoreWork.unknownCause
    }
  }

  private var cost: Int64 {
    zip(order, isHeldOut).reduce(0) { $1.1 ? $0 : $0 + plan.campaigns[campaign[Int($1.0)]].cost }
  }

  private func count(_ place: Int, heldOut: Bool) -> Int {
    zip(order, isHeldOut).count { campaign[Int($0.0)] == place && $0.1 == heldOut }
  }

  /// Lines for a person.
  var notes: [String] {
    plan.campaigns.enumerated().map { place, planned in
      "\(planned.name): \(count(place, heldOut: false)) treatment, "
        + "\(count(place, heldOut: true)) holdout"
    } + [
      "left out: \(withoutConsent) without consent, \(suppressed) contacted lately, "
        + "\(overBudget) beyond the budget"
    ]
      + (suppressedWithoutTime == 0
        ? []
        : ["contacted, nobody knows when, and left alone for that: \(suppressedWithoutTime)"])
      + finds.compactMap(\.note)
  }

  /// What a person should know of campaigns that may not do what was meant.
  var warnings: [String] {
    finds.filter { $0.which != nil && $0.unnamed > 0 }.map {
      "\($0.unnamed) \($0.rowsText) have no \($0.key): whoever they were may be contacted again"
    }
      + plan.campaigns.indices.filter { frame.rowCount > 0 && fitting[$0] == 0 }.map {
        "campaign \(plan.campaigns[$0].name) fits none of the \(frame.rowCount) rows: "
          + "\(plan.campaigns[$0].rule.condition.text)"
      }
      + plan.campaigns.indices.filter { unusable[$0] > 0 }.map {
        "the profit of campaign \(plan.campaigns[$0].name) is NaN or infinite for "
          + "\(unusable[$0]) of those that it fits: they come last, as if it were null"
      }
  }

  var details: JSONValue {
    let campaigns = plan.campaigns.enumerated().map { place, planned in
      JSONValue.object([
        "campaign": .string(planned.name), "treatment": .integer(count(place, heldOut: false)),
        "holdout": .integer(count(place, heldOut: true)), "fitting": .integer(fitting[place]),
        "unusable_profits": .integer(unusable[place]),
      ])
    }
    return .object([
      "campaigns": .array(campaigns), "cost": .number(Double(cost) / 100),
      "without_consent": .integer(withoutConsent), "suppressed": .integer(suppressed),
      "suppressed_without_time": .integer(suppressedWithoutTime),
      "over_budget": .integer(overBudget), "inputs": .array(finds.map(\.details)),
    ])
  }
}

extension Column {
  fileprivate init(numbers: [Double?]) {
    var builder = ColumnBuilder(type: .float8, capacity: numbers.count)
    for number in numbers {
      if let number { builder.append(number) } else { builder.appendNull() }
    }
    self = builder.build()
  }
}
