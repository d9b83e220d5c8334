import Frames

extension Column {
  /// A value as Postgres's cast to text prints it; nil where it is null.
  /// - Parameter zone: the session time zone, in which a `timestamptz` is printed.
  public func text(_ row: Int, in zone: CalendarZone) -> String? {
    isNull(row) ? nil : TextCasts.printed(self, row, zone)
  }
}
