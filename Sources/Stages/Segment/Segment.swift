import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Puts each entity into one segment.
public struct Segment: StageKind {
  public static let kind = "segment"
  public static let group = StageGroup.decisions
  public static let about = "Puts each entity into the first segment whose rule holds."
  public static let example = """
    segments:
      segment:
        input: [scores, user_features]
        rfm: { recency: recency_days, frequency: orders_90d, monetary: spend_90d }
        rules:
          - { name: at_risk_vip, when: "churn_risk = 'high' and m >= 4" }
          - { name: loyal, when: "f >= 4 and churn_risk = 'low'" }
        otherwise: regular
    """

  let input: OneOrMany<StageName>
  let rfm: RFM?
  let rules: [Rule]
  let otherwise: Name
  let unmatched: Share?

  public init(_ keys: inout Keys) {
    input = keys("input", "Stages whose columns the rules use; the first decides the rows.")
    rfm = keys("rfm", "Columns that are cut into fifths: r, f and m, 5 the best.")
    rules = keys(
      "rules", "Segments by rule; the first that holds is taken.", default: [], shown: "none")
    otherwise = keys("otherwise", "Segment of those for whom no rule holds.", such: "regular")
    unmatched = keys(
      "unmatched",
      "Share of the rows of a further input that may find none in the first; more stop the run. Left out, only all of ten or more stop it."
    )
  }

  struct RFM: Record {
    static let about = "Columns that are cut into fifths."
    let recency: ColumnName
    let frequency: ColumnName
    let monetary: ColumnName

    init(_ keys: inout Keys) {
      recency = keys(
        "recency", "Time since the last purchase; less is better.", such: "recency_days")
      frequency = keys("frequency", "Number of purchases.", such: "orders_180d")
      monetary = keys("monetary", "What was spent.", such: "spend_180d")
    }
  }

  struct Rule: Record {
    static let about = "A segment and who belongs to it."
    let name: Name
    let when: Expression

    init(_ keys: inout Keys) {
      name = keys("name", "Name of the segment.", such: "at_risk_vip")
      when = keys("when", "Who belongs to it.")
    }
  }

  public var inputs: [StageName] { input.values }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    guard let joined = JoinedInputs(input.values, context) else { return nil }
    var schema = joined.schema
    var fifths: [RuleChoice.Fifth] = []
    if let rfm {
      let axes = [
        ("r", "Recency", rfm.recency), ("f", "Frequency", rfm.frequency),
        ("m", "Monetary value", rfm.monetary),
      ]
      for (name, meaning, column) in axes {
        guard let field = context.field(column, in: joined.schema, of: "the input") else {
          schema.markUnknown(name)
          continue
        }
        if !field.type.isNumber {
          report.error(
            .wrongType, "'\(column.text)' is of type \(field.type.sqlName), not a number",
            at: column.span, help: "name a column of numbers")
        }
        if schema[name] != nil {
          report.error(
            .duplicateColumn, "the input has a column '\(name)' already", at: column.span,
            help: "rename it before, or leave rfm out")
        }
        // A fifth of a personal value says something of it.
        var fifth = Field.made(
          name, .int4, from: [field],
          about: "\(meaning) as a fifth of all, 1 to 5, 5 the best.")
        fifth.isNullable = true
        fifth.values = (1...5).map(String.init)
        schema.append(fifth)
        fifths.append(RuleChoice.Fifth(fifth, of: column.text, isLessBetter: name == "r"))
      }
    }
    let rules = rules.compactMap { rule in
      rule.when.typed(in: schema, as: .bool, "when", report).map {
        RuleChoice.Rule(rule.name.text, when: $0)
      }
    }
    guard report.errorCount == before else { return nil }
    let choice = RuleChoice(
      Field(
        "segment", .text, isNullable: false,
        values: (rules.map(\.name) + [otherwise.text]).removingRepeats,
        about: "The first segment whose rule holds."),
      fifths: fifths, rules: rules, otherwise: otherwise.text)
    return StagePlan(
      rows: .choose(choice, joined.rows(using: choice.reads)), checkpoint: .rows,
      work: SegmentWork(choice: choice, first: joined.stages[0], unmatched: unmatched?.fraction),
      context)
  }
}
