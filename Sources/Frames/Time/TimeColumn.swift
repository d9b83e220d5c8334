/// Days from 2000-01-01 to the last day of a Postgres timestamp, 294276-12-31.
private let farthestDay: Int64 = 106_751_983

extension Int64 {
  fileprivate var clamped: Int64 { Swift.max(self, -Int64.max) }
}

extension Column {
  /// The instants of a date, timestamp or timestamptz column in microseconds since 2000-01-01 UTC,
  /// dates and local times read in a zone; nil for other types. Null is `Int64.max`: never known.
  public func instants(in zone: CalendarZone) -> [Int64]? {
    guard type.isTime, case .int64(let values) = values else { return nil }
    var instants: [Int64]
    switch type {
    case .date:
      var starts: [Int64: Int64] = [:]
      instants = values.map { day in
        // Dates reach further than instants do; what lies beyond is as good as infinitely far.
        if abs(day.clamped) > farthestDay { return day < 0 ? .min : .max }
        if let start = starts[day] { return start }
        let start = zone.start(of: CivilDate(days: day)).microseconds
        starts[day] = start
        return start
      }
    case .timestamp: instants = values.map(zone.instant(local:))
    default: instants = values
    }
    if let validity {
      for row in instants.indices where !validity[row] { instants[row] = .max }
    }
    return instants
  }
}
