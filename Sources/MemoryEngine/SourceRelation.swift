import Expressions
import Frames
import Relations

/// Rows of a source with the instant from which each is known, and the steps that must be repeated
/// for every as-of because they look at more than their own row.
public struct SourceRelation: Relation {
  public let shape: RelationShape
  public let zone: CalendarZone
  /// All rows known before the run's as-of, after the steps that look at their own row only.
  public let base: Frame
  /// When each row of `base` can be seen.
  public let visibility: Visibility
  /// Steps from the first that must be repeated.
  let pending: [PendingStep]
  /// The result for one as-of, so that the run's own is not made again by every stage that uses it.
  public var remembered: (asOf: Instant, frame: Frame)?
  /// Rows that no as-of sees; nil where there are none.
  public var undated: UndatedRows?

  /// Rows that are known, whole.
  public init(
    shape: RelationShape, zone: CalendarZone, base: Frame, undated: UndatedRows? = nil
  ) throws {
    self.init(
      shape: shape, zone: zone, base: base,
      visibility: try shape.visibility(of: base, zone: zone), pending: [])
    self.undated = undated
  }

  init(
    shape: RelationShape, zone: CalendarZone, base: Frame, visibility: Visibility,
    pending: [PendingStep]
  ) {
    self.shape = shape
    self.zone = zone
    self.base = base
    self.visibility = visibility
    self.pending = pending
  }

  /// Whether its rows at an as-of are those of its base that are seen then.
  public var isDone: Bool { pending.isEmpty }

  public var companions: [String: any Relation] { [:] }

  public func histories(in zone: CalendarZone) -> [RelationHistory] {
    pending.flatMap { $0.relations }.flatMap { $0.histories(in: zone) }
  }

  public func frame(asOf: Instant) async throws -> Frame {
    if let remembered, remembered.asOf == asOf { return remembered.frame }
    return try await prepared(rows(before: asOf), by: pending, asOf: asOf)
  }

  public func history(asOf: Instant) async throws -> Frame {
    let known = visibility.knownBefore(asOf).map { base.filtered(by: $0.mask) } ?? base
    return try await prepared(known, by: pending.map(\.ofHistory), asOf: asOf)
  }

  public func undatedRows(asOf: Instant) async throws -> Frame? {
    guard let undated else { return nil }
    return try await prepared(undated.rows, by: undated.steps, asOf: asOf)
  }

  private func prepared(
    _ rows: Frame, by steps: [PendingStep], asOf: Instant
  ) async throws -> Frame {
    var frame = rows
    for step in steps {
      try Task.checkCancellation()
      frame = try await step.operation.apply(
        to: frame, in: EvaluationContext(asOf: asOf, zone: zone)
      ).frame
    }
    return frame
  }

  /// The relation without the rows that were not known before an instant.
  public func known(before asOf: Instant) -> SourceRelation {
    guard let (mask, visibility) = visibility.knownBefore(asOf) else { return self }
    var known = SourceRelation(
      shape: shape, zone: zone,
      // Whether later rows were read or stayed in the source must make no difference.
      base: base.filtered(by: mask).withOrderedDictionaries, visibility: visibility,
      pending: pending)
    known.undated = undated
    return known
  }

  /// The rows of `base` seen by an as-of.
  public func rows(before asOf: Instant) -> Frame {
    visibility.mask(asOf: asOf).map(base.filtered) ?? base
  }

  /// Of rows whose steps to come do no more than give rows other values in other columns than some, and
  /// where a row that is seen once stays: the rows at an as-of, those that are not seen then too, with
  /// any values. Nil where there is more to it.
  public func fitted(apartFrom columns: Set<String>) -> FittedRows? {
    let steps = pending.compactMap { step -> RowStep? in
      if case .row(let step) = step, step.fitted != nil { step } else { nil }
    }
    let changed = steps.flatMap { $0.meaning.assignments.map(\.column) }
    guard visibility.ends == nil, steps.count == pending.count, columns.isDisjoint(with: changed)
    else { return nil }
    return FittedRows(source: self, steps: steps)
  }
}

/// Rows that are the same at every as-of but for the values that are fitted to those seen.
public struct FittedRows: Sendable {
  let source: SourceRelation
  let steps: [RowStep]

  public var base: Frame { source.base }
  public var known: [Int64]? { source.visibility.known }
  /// Whether there are values that are fitted.
  public var isFitted: Bool { !steps.isEmpty }

  /// All rows, with values fitted to those that are seen by an as-of.
  public func rows(fittedTo asOf: Instant) throws -> Frame {
    let mask = source.visibility.mask(asOf: asOf)
    return try steps.compactMap(\.fitted).reduce(base) { try $1.apply(to: $0, fittedTo: mask) }
  }
}

/// All rows that were known before an instant, those that are not valid any more too: what began in a
/// window began, whatever became of it since.
public struct WholeHistory: Relation {
  let relation: any Relation

  public var shape: RelationShape { relation.shape }
  public var zone: CalendarZone { relation.zone }
  public var companions: [String: any Relation] { relation.companions }

  public func frame(asOf: Instant) async throws -> Frame {
    try await relation.history(asOf: asOf)
  }
  public func history(asOf: Instant) async throws -> Frame {
    try await relation.history(asOf: asOf)
  }
  public func undatedRows(asOf: Instant) async throws -> Frame? {
    try await relation.undatedRows(asOf: asOf)
  }
  public func histories(in zone: CalendarZone) -> [RelationHistory] {
    relation.histories(in: zone)
  }
}

extension Relation {
  /// The relation with rows that have ended, where its rows can end.
  public var withWholeHistory: any Relation {
    shape.validTo == nil ? self : WholeHistory(relation: self)
  }
}
