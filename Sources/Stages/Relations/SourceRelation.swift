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
  /// For each row of `base` the later of the instants at which it happened and became known, in
  /// microseconds; nil for a relation without time.
  let known: [Int64]?
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

  /// The rows of `base` known before an instant.
  func rows(before asOf: Instant) -> Frame {
    guard let known, known.contains(where: { $0 >= asOf.microseconds }) else { return base }
    return base.filtered(by: known.map { $0 < asOf.microseconds })
  }

  /// The first instant at which something is known; nil without time or rows.
  var start: Instant? { known?.min().map { Instant(microseconds: $0) } }
}

extension RelationShape {
  /// For each row the later of when it happened and when it became known; nil without time.
  func known(in frame: Frame, zone: CalendarZone) -> [Int64]? {
    guard let time, let happened = frame[time]?.instants(in: zone) else { return nil }
    guard let arrived, let known = frame[arrived]?.instants(in: zone) else { return happened }
    return zip(happened, known).map { max($0, $1) }
  }
}
