import Expressions
import Frames
import Relations
import Synchronization

/// The rows of several stages that are the same at every as-of but for when they are seen, so that what
/// is worked out of them for one as-of serves the others.
public final class SharedRows: Sendable {
  private let rows = Mutex<[Int: FeatureRows]>([:])

  public init() {}

  /// The rows of a stage.
  /// - Parameters:
  ///   - place: tells it from other stages, and from other plans for the same.
  ///   - seen: when they are looked at.
  ///   - context: of the expressions over them.
  public func rows(
    of plan: FeatureRowsPlan, at place: Int, _ relation: SourceRelation, asOf seen: Instant,
    in context: EvaluationContext
  ) async throws -> FeatureRows {
    guard plan.condition?.dependsOnAsOf != true,
      let shared = relation.fitted(apartFrom: plan.deciding)
    else {
      return try FeatureRows(
        plan, try await relation.frame(asOf: seen), known: nil, in: context)
    }
    let known = rows.withLock { $0[place] }
    let made =
      try known
      ?? FeatureRows(plan, shared.base, known: shared.known, in: context)
    if known == nil { rows.withLock { $0[place] = made } }
    return shared.isFitted ? made.with(try shared.rows(fittedTo: seen)) : made
  }
}
