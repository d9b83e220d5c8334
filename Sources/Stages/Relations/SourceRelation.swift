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
  /// Rows that no as-of sees; nil where there are none.
  var undated: UndatedRows?

  func frame(asOf: Instant) async throws -> Frame {
    if let remembered, remembered.asOf == asOf { return remembered.frame }
    return try await prepared(rows(before: asOf), by: pending, asOf: asOf)
  }

  /// The rows known before an as-of, those that are not valid any more too, after all steps.
  func history(asOf: Instant) async throws -> Frame {
    let known = visibility.knownBefore(asOf).map { base.filtered(by: $0.mask) } ?? base
    let steps = pending.map { ($0 as? any HistoryOperation)?.ofHistory ?? $0 }
    return try await prepared(known, by: steps, asOf: asOf)
  }

  func prepared(
    _ rows: Frame, by steps: [any CleanOperation], asOf: Instant
  ) async throws -> Frame {
    var frame = rows
    for step in steps {
      try Task.checkCancellation()
      frame = try await step.apply(to: frame, in: EvaluationContext(asOf: asOf, zone: zone)).frame
    }
    return frame
  }

  /// The rows of `base` seen by an as-of.
  func rows(before asOf: Instant) -> Frame {
    visibility.mask(asOf: asOf).map(base.filtered) ?? base
  }
}

/// A step that takes rows of relations, and can take those that are not valid any more too.
protocol HistoryOperation: CleanOperation {
  var ofHistory: any CleanOperation { get }
}

/// All rows that were known before an instant, those that are not valid any more too: what began in a
/// window began, whatever became of it since.
struct WholeHistory: Relation {
  let source: SourceRelation

  var shape: RelationShape { source.shape }

  func frame(asOf: Instant) async throws -> Frame { try await source.history(asOf: asOf) }
}

extension Relation {
  /// The relation with rows that have ended, where its rows can end.
  var withWholeHistory: any Relation {
    guard shape.validTo != nil, let source = self as? SourceRelation else { return self }
    return WholeHistory(source: source)
  }
}
