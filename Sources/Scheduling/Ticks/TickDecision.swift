import Frames
import PipelineFiles

/// What becomes of a tick that the ledger does not have yet.
public struct TickEntry: Sendable, Hashable {
  public let tick: Tick
  public let isSkipped: Bool
  public let origin: TickOrigin
  /// Why it is skipped, late or caught up; nil where it is on time.
  public let reason: String?
}

/// What a look at a schedule decides.
public struct TickDecision: Sendable, Hashable {
  /// In the order in which they were due.
  public var entries: [TickEntry] = []
  /// As-ofs of open ticks that nobody waits for any more, each with the reason.
  public var overtaken: [Instant: String] = [:]
  /// Until when somebody looked whose clock was ahead; nil as a rule. What was noted of times that are
  /// still to come was taken back.
  public var lookedAhead: Instant?
}

/// Decides what becomes of ticks. Pure: what was found in the ledger goes in, rows for it come out.
public struct TickRules: Sendable {
  /// A tick that is looked at this long after it was due is on time.
  public static let grace = Span.minutes(5)

  let schedule: Schedule
  let zone: CalendarZone

  public init(_ schedule: Schedule, zone: CalendarZone) {
    self.schedule = schedule
    self.zone = zone
  }

  /// - Parameters:
  ///   - due: those that have come due since the last look, at most one for each as-of.
  ///   - leftOut: how many times before them were not even counted one by one.
  ///   - open: those of the ledger without a final outcome.
  ///   - lookedAt: when somebody looked last.
  public func decide(
    due: [Tick], leftOut: Int = 0, open: [OpenTick], lookedAt: Instant, now: Instant
  ) -> TickDecision {
    var decision = TickDecision()
    guard let latest = due.last else { return decision }
    let kept = keeping(due, now)
    for (place, tick) in due.enumerated() {
      let isLast = place == due.count - 1
      if !kept.contains(place) {
        var reason = skipReason(tick, latest, lookedAt, now)
        if place == 0, leftOut > 0 { reason += "; so were \(leftOut) times before it" }
        decision.entries.append(
          TickEntry(tick: tick, isSkipped: true, origin: .caughtUp, reason: reason))
      } else if isLast, let other = hindrance(open) {
        decision.entries.append(
          TickEntry(
            tick: tick, isSkipped: true, origin: origin(tick, isLast, now),
            reason: "\(other) was still under way, and overlap is skip"))
      } else {
        let origin = origin(tick, isLast, now)
        decision.entries.append(
          TickEntry(
            tick: tick, isSkipped: false, origin: origin,
            reason: origin == .onTime ? nil : absence(lookedAt, tick, now)))
      }
    }
    if schedule.catchUp != .all, schedule.overlap == .skip,
      decision.entries.contains(where: { !$0.isSkipped })
    {
      for open in open where !open.isUnderway && open.tick.dueAt < latest.dueAt {
        decision.overtaken[open.tick.asOf] =
          "overtaken by the run for \(latest.asOf.shortText(in: zone))"
      }
    }
    return decision
  }

  /// Places of the ticks that are to be run, however late.
  private func keeping(_ due: [Tick], _ now: Instant) -> Range<Int> {
    switch schedule.catchUp {
    case .all: return max(0, due.count - schedule.catchUpLimit)..<due.count
    case .latest: return (due.count - 1)..<due.count
    case .none:
      return isOnTime(due[due.count - 1], now) ? (due.count - 1)..<due.count : due.count..<due.count
    }
  }

  private func isOnTime(_ tick: Tick, _ now: Instant) -> Bool {
    now.microseconds - tick.dueAt.microseconds <= Self.grace.nominalMicroseconds
  }

  private func origin(_ tick: Tick, _ isLast: Bool, _ now: Instant) -> TickOrigin {
    isOnTime(tick, now) ? .onTime : isLast ? .late : .caughtUp
  }

  /// The run that is in the way of one that is due. One that catches up is not: it would cost a night
  /// to have missed another.
  private func hindrance(_ open: [OpenTick]) -> String? {
    guard schedule.overlap == .skip else { return nil }
    for open in open where open.origin != .caughtUp {
      if case .underway(let run) = open.state {
        return "run \(run) for \(open.tick.asOf.shortText(in: zone))"
      }
    }
    return nil
  }

  private func skipReason(
    _ tick: Tick, _ latest: Tick, _ lookedAt: Instant, _ now: Instant
  ) -> String {
    let rule =
      switch schedule.catchUp {
      case .none: "catch_up is none"
      case .latest: "only the latest is caught up"
      case .all: "catch_up_limit is \(schedule.catchUpLimit)"
      }
    return "\(absence(lookedAt, tick, now)); \(rule)"
  }

  private func absence(_ lookedAt: Instant, _ tick: Tick, _ now: Instant) -> String {
    func minute(_ instant: Instant) -> Substring { instant.text(in: zone).prefix(16) }
    let looked = "looked at only at \(minute(now))"
    return lookedAt < tick.dueAt
      ? "\(looked): no scheduler was there since \(minute(lookedAt))" : looked
  }
}

extension OpenTick {
  public var isUnderway: Bool {
    if case .underway = state { true } else { other?.isUnderway ?? false }
  }

  /// What is to be done with it now.
  public enum Step: Sendable, Hashable {
    case run
    /// It is not time yet, or somebody is at it.
    case wait
    /// A run that somebody made stands for it.
    case made(run: Int)
    /// Its runs are lost again and again.
    case giveUp(run: Int)
  }

  /// - Parameter lossesAllowed: how often its run may be lost.
  public func step(now: Instant, lossesAllowed: Int) -> Step {
    if isUnderway { return .wait }
    if let other { return .made(run: other.run) }
    if case .lost(let run) = state, attempts >= lossesAllowed { return .giveUp(run: run) }
    if let nextTryAt, now < nextTryAt { return .wait }
    return .run
  }
}
