import Frames

/// How far back the windows over one stage's rows can look.
public struct RelationHistory: Sendable {
  /// The stage whose rows the windows look at.
  public let stage: String
  /// The instant from which on rows are known, all but a few strays.
  public let start: Instant
  public let longestWindow: Span

  public init(stage: String, start: Instant, longestWindow: Span) {
    self.stage = stage
    self.start = start
    self.longestWindow = longestWindow
  }

  /// What to say where a cutoff has less history than the longest window; nil where it has enough.
  public func warning(at cutoff: Instant, zone: CalendarZone) -> String? {
    guard zone.instant(cutoff, minus: longestWindow) < start else { return nil }
    let days = zone.day(of: cutoff).days - zone.day(of: start).days
    return "cutoff \(cutoff.shortText(in: zone)) sees \(max(0, days)) days of history of \(stage), "
      + "less than the longest window of \(longestWindow.description)"
  }
}
