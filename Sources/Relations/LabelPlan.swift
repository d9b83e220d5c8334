import Expressions
import Frames

/// The window after a cutoff in which a label looks: `[cutoff + gap, cutoff + gap + within)`.
public struct LabelWindow: Sendable, Hashable {
  public let gap: Span
  public let within: Span

  public init(gap: Span, within: Span) {
    self.gap = gap
    self.within = within
  }

  public func start(of cutoff: Instant, in zone: CalendarZone) -> Instant {
    zone.instant(cutoff, plus: gap)
  }

  public func end(of cutoff: Instant, in zone: CalendarZone) -> Instant {
    zone.instant(zone.instant(cutoff, plus: gap), plus: within)
  }

  public func latestCutoff(endingBy asOf: Instant, in zone: CalendarZone) -> Instant {
    var cutoff = zone.instant(zone.instant(asOf, minus: within), minus: gap)
    // A day that is cut by a change of clocks may shift the end past the as-of.
    while end(of: cutoff, in: zone) > asOf { cutoff = zone.instant(cutoff, minus: .days(1)) }
    return cutoff
  }
}

/// What became of entities after a cutoff: an aggregate over the rows in a window, true or false.
public struct LabelPlan: Sendable {
  public let name: String
  /// The stage whose rows decide.
  public let stage: String
  public let entityColumn: String
  public let time: String
  /// Only rows for which it is true count.
  public let condition: TypedExpression?
  public let test: AggregateExpression
  public let window: LabelWindow

  public init(
    name: String, stage: String, entityColumn: String, time: String, condition: TypedExpression?,
    test: AggregateExpression, window: LabelWindow
  ) {
    self.name = name
    self.stage = stage
    self.entityColumn = entityColumn
    self.time = time
    self.condition = condition
    self.test = test
    self.window = window
  }

  /// The columns of its stage on which it depends what the label is: of its test and of its condition,
  /// and the time that puts rows before a cutoff or after.
  public var deciding: Set<String> {
    test.columns.union(condition?.columns ?? []).union([time])
  }

  /// The columns of its stage that it reads.
  public var columns: Set<String> { deciding.union([entityColumn]) }
}
