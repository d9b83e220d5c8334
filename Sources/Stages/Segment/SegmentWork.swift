import Frames
import PipelineFiles
import Relations

/// Fifths and rules over joined inputs.
struct SegmentWork: StageWork {
  let choice: RuleChoice
  /// The input that decides the rows.
  let first: String
  /// The share of a further input's rows that may find none in the first.
  let unmatched: Double?

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(plan.rows)
    if context.enforcesExpectations { try opened.finds.check(in: first, atMost: unmatched) }
    guard let count = opened.choices.last else {
      throw StageFailure("nothing was chosen", help: "this is a mistake in roost")
    }
    let collapsed = collapsed(count)
    return StageResult(
      output: .relation(
        FixedRelation(
          shape: opened.relation.shape, zone: context.zone, asOf: context.asOf,
          frame: try await opened.relation.frame(asOf: context.asOf))),
      rows: opened.rows,
      notes: [count.sizes.map { "\($0.name) \($0.rows)" }.joined(separator: ", ")]
        + opened.finds.compactMap(\.note) + collapsed.map(\.text),
      warnings: warnings(count, collapsed),
      details: .object([
        "segments": .object(
          Dictionary(
            count.sizes.map { ($0.name, .integer($0.rows)) }, uniquingKeysWith: { a, _ in a })),
        "inputs": .array(opened.finds.map(\.details)),
      ]))
  }

  /// Fifths of which some are missing.
  private func collapsed(_ count: ChoiceCount) -> [(name: String, text: String)] {
    zip(choice.fifths, count.present).filter { (1..<5).contains($1.count) }.map { fifth, present in
      let values = present.map(String.init).joined(separator: ", ")
      return (
        fifth.field.name,
        "\(fifth.field.name) has the values \(values) only, because many rows have one \(fifth.column)"
      )
    }
  }

  /// Rules that nobody fits, with what may be the reason.
  private func warnings(
    _ count: ChoiceCount, _ collapsed: [(name: String, text: String)]
  ) -> [String] {
    zip(choice.rules, count.fitting).filter { count.rows > 0 && $1 == 0 }.map { rule, _ in
      let reasons = collapsed.filter { rule.condition.columns.contains($0.name) }.map(\.text)
      return "the rule of segment \(rule.name) fits none of the \(count.rows) rows: "
        + rule.condition.text
        + (reasons.isEmpty ? "" : "; \(reasons.joined(separator: "; "))")
    }
  }
}
