import Frames

/// How far back features can look.
struct FeatureHistory: Sendable {
  /// The first instant of which anything is known.
  let start: Instant
  let longestWindow: Span

  /// What to say where a cutoff has less history than the longest window; nil where it has enough.
  func warning(at cutoff: Instant, zone: CalendarZone) -> String? {
    guard zone.instant(cutoff, minus: longestWindow) < start else { return nil }
    let days = zone.day(of: cutoff).days - zone.day(of: start).days
    return "cutoff \(cutoff.shortText(in: zone)) sees \(max(0, days)) days of history, "
      + "less than the longest window of \(longestWindow.description)"
  }
}

extension FeatureRelation {
  /// Nil without windows or rows.
  func history(in zone: CalendarZone) -> FeatureHistory? {
    let reference = Instant(microseconds: 0)
    let longest = plan.windows.min {
      zone.instant(reference, minus: $0) < zone.instant(reference, minus: $1)
    }
    guard let longest, let start else { return nil }
    return FeatureHistory(start: start, longestWindow: longest)
  }
}
