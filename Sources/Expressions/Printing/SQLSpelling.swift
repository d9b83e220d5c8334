import Frames

/// What the surroundings of a printed expression decide.
public struct SQLSpelling: Sendable {
  public enum AsOf: Sendable {
    case instant(Instant)
    /// SQL for it, such as a parameter `$1`: an instant of the dialect's type that stands beside any
    /// operator.
    case sql(String)
  }

  public var asOf: AsOf
  /// The zone in which days are cut. It is written out, whatever the zone of the session.
  public var zone: CalendarZone
  /// Whether the session that runs the SQL has that zone as its own. What a dialect can do only in the
  /// session's zone, such as reading a text without an offset as an instant, is not expressible otherwise.
  public var isZoneOfSession: Bool
  /// How a column is written, as a value of the column's type that stands beside any operator; by its
  /// name where nil.
  public var column: (@Sendable (String) -> String)?

  public init(
    asOf: AsOf, zone: CalendarZone, isZoneOfSession: Bool = false,
    column: (@Sendable (String) -> String)? = nil
  ) {
    self.asOf = asOf
    self.zone = zone
    self.isZoneOfSession = isZoneOfSession
    self.column = column
  }
}
