import Expressions
import Frames
import PipelineFiles
import Synchronization

/// The rows of the sources of a features stage that are the same at every as-of but for when they are
/// seen, so that what is worked out of them for one as-of serves the others.
final class SharedRows: Sendable {
  private let rows = Mutex<[Int: FeatureRows]>([:])

  /// The rows of a source for an as-of.
  /// - Parameter place: the source's place in the features stage.
  func rows(
    of source: FeatureSourcePlan, at place: Int, _ relation: any Relation,
    in context: EvaluationContext
  ) async throws -> FeatureRows {
    guard let shared = relation as? SourceRelation, shared.isSameAtEveryInstant,
      source.condition?.dependsOnAsOf != true
    else {
      return try FeatureRows(
        source, try await relation.frame(asOf: context.asOf), known: nil, in: context)
    }
    if let known = rows.withLock({ $0[place] }) { return known }
    let made = try FeatureRows(
      source, shared.base, known: shared.visibility.known, in: context)
    rows.withLock { $0[place] = made }
    return made
  }
}

extension SourceRelation {
  /// Whether a row that is seen once stays as it is.
  fileprivate var isSameAtEveryInstant: Bool { pending.isEmpty && visibility.ends == nil }
}
