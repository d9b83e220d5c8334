import Frames

/// The as-ofs of a backfill: from one to another, both included, in equal steps.
public struct BackfillRange: Sendable, Hashable {
  public static let most = 10_000

  public let first: Instant
  public let last: Instant
  public let step: Span

  public init(first: Instant, last: Instant, step: Span) {
    self.first = first
    self.last = last
    self.step = step
  }

  /// The as-ofs, the oldest first; one more than `most` where there are too many. Steps of days are
  /// counted from the first, so that a change of clocks in between does not move the others.
  public func asOfs(in zone: CalendarZone) -> [Instant] {
    var found: [Instant] = []
    var count = 0
    while found.count <= Self.most {
      let next = zone.instant(first, plus: step.times(count))
      if next > last { break }
      // A day that a zone left out is the next one; a step of nothing leads nowhere.
      if let previous = found.last, next <= previous {
        guard count < 2 * found.count + 2 else { break }
      } else {
        found.append(next)
      }
      count += 1
    }
    return found
  }
}
