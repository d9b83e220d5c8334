import Expressions
import Frames
import PipelineFiles
import Synchronization

/// The rows of several stages that are the same at every as-of but for when they are seen, so that what
/// is worked out of them for one as-of serves the others.
final class SharedRows: Sendable {
  private let rows = Mutex<[Int: FeatureRows]>([:])

  /// The rows of a stage.
  /// - Parameters:
  ///   - place: tells it from other stages, and from other plans for the same.
  ///   - seen: when they are looked at.
  ///   - context: of the expressions over them.
  func rows(
    of plan: FeatureRowsPlan, at place: Int, _ relation: any Relation, asOf seen: Instant,
    in context: EvaluationContext
  ) async throws -> FeatureRows {
    guard let shared = relation as? SourceRelation, plan.condition?.dependsOnAsOf != true,
      let steps = shared.fittedSteps(apartFrom: plan.deciding)
    else {
      return try FeatureRows(
        plan, try await relation.frame(asOf: seen), known: nil, in: context)
    }
    let known = rows.withLock { $0[place] }
    let made =
      try known
      ?? FeatureRows(plan, shared.base, known: shared.visibility.known, in: context)
    if known == nil { rows.withLock { $0[place] = made } }
    guard !steps.isEmpty else { return made }
    let mask = shared.visibility.mask(asOf: seen)
    return made.with(
      try steps.reduce(shared.base) { try $1.apply(to: $0, fittedTo: mask) })
  }
}

extension SourceRelation {
  /// The steps that are repeated for every as-of, where these do no more than give rows other values in
  /// other columns than some, and a row that is seen once stays.
  fileprivate func fittedSteps(apartFrom columns: Set<String>) -> [any FittedOperation]? {
    let steps = pending.compactMap { $0 as? any FittedOperation }
    let changed = steps.flatMap { $0.assignments.map(\.column) }
    guard visibility.ends == nil, steps.count == pending.count, columns.isDisjoint(with: changed)
    else { return nil }
    return steps
  }
}
