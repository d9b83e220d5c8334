import Expressions
import Frames
import PipelineFiles

/// Rows of a source with the instant from which each is known, and the steps that must be repeated
/// for every as-of because they look at more than their own row.
struct SourceRelation: Relation {
  let shape: RelationShape
  let zone: CalendarZone
  /// All rows known before the run's as-of, after the steps that look at their own row only.
  let base: Frame
  /// When each row of `base` can be seen.
  let visibility: Visibility
  /// Steps from the first that must be repeated.
  let pending: [any CleanOperation]
  /// The result for one as-of, so that the run's own is not made again by every stage that uses it.
  var remembered: (asOf: Instant, frame: Frame)?

  func frame(asOf: Instant) async throws -> Frame {
    if let remembered, remembered.asOf == asOf { return remembered.frame }
    var frame = rows(before: asOf)
    for step in pending {
      try Task.checkCancellation()
      frame = try step.apply(to: frame, in: EvaluationContext(asOf: asOf, zone: zone)).frame
    }
    return frame
  }

  /// The rows of `base` seen by an as-of.
  func rows(before asOf: Instant) -> Frame {
    visibility.mask(asOf: asOf).map(base.filtered) ?? base
  }
}
