import PipelineFiles
import Relations

/// Columns of one input added to the rows of another.
struct JoinWork: StageWork {
  let right: String
  /// Whether rows that find none are left out.
  let isInner: Bool

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(try plan.rows)
    let (count, unmatched) = opened.joins.last ?? (0, 0)
    let fate = isInner ? "left out" : "kept without one"
    return StageResult(
      output: .relation(opened.relation), rows: opened.rows,
      notes: unmatched == 0
        ? [] : ["\(unmatched) of \(count) rows find none in \(right): \(fate)"],
      details: .object(["left": .integer(count), "without_match": .integer(unmatched)]))
  }
}
