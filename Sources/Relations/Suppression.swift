import Frames

/// Leaves alone who has a row in a relation lately, such as whoever was contacted within 14 days.
public struct Suppression: Sendable, Hashable {
  public let stage: String
  /// The column that names the entity.
  public let entityColumn: String
  /// When it was. Nobody knows when it was where that is null, so that it counts.
  public let time: String
  /// How long before the as-of it counts.
  public let within: Span
  /// The share of those rows that may name nobody; nil where the author says nothing.
  public let unmatched: Double?

  public init(
    stage: String, entityColumn: String, time: String, within: Span, unmatched: Double?
  ) {
    self.stage = stage
    self.entityColumn = entityColumn
    self.time = time
    self.within = within
    self.unmatched = unmatched
  }

  /// The columns that it looks at.
  public var reads: Set<String> { [entityColumn, time] }

  /// From when on it counts.
  public func start(before asOf: Instant, in zone: CalendarZone) -> Instant {
    zone.instant(asOf, minus: within)
  }
}
