import Frames
import PipelineFiles

/// A run that a schedule asks for.
public struct Tick: Sendable, Hashable {
  public let asOf: Instant
  /// When it is due.
  public let dueAt: Instant
  /// When it should be done; nil where nothing says so.
  public let finishBy: Instant?

  public init(asOf: Instant, dueAt: Instant, finishBy: Instant? = nil) {
    self.asOf = asOf
    self.dueAt = dueAt
    self.finishBy = finishBy
  }
}

/// How a tick came to its run.
public enum TickOrigin: String, Sendable {
  case onTime = "on_time"
  /// It is the last one, but was looked at long after it was due.
  case late
  /// A later one was due already when it was looked at.
  case caughtUp = "caught_up"
}

/// A tick of the ledger that has no final outcome yet.
public struct OpenTick: Sendable, Hashable {
  public enum State: Sendable, Hashable {
    /// No run yet.
    case waiting
    /// The run is under way, here or elsewhere.
    case underway(run: Int)
    /// The process of its run is gone.
    case lost(run: Int)
    /// Its run was cancelled by a scheduler that shut down.
    case parked(run: Int)
  }

  public let tick: Tick
  public let state: State
  public let origin: TickOrigin
  /// How often a run was begun for it.
  public let attempts: Int
  /// How often none could be begun.
  public let tries: Int
  /// Not to be tried before.
  public let nextTryAt: Instant?
  /// A run for the same as-of that somebody else made or makes.
  public let other: OtherRun?

  public struct OtherRun: Sendable, Hashable {
    public let run: Int
    public let isUnderway: Bool
  }
}

extension Pipeline {
  /// The ticks of the schedule in `(start, end]`, one for each as-of: the first.
  /// - Parameter last: how many times to look at, the latest.
  /// - Returns: the ticks, and how many times before them were left out.
  func ticks(
    after start: Instant, through end: Instant, last limit: Int
  ) -> (ticks: [Tick], leftOut: Int) {
    guard let schedule = settings.schedule, start < end else { return ([], 0) }
    let (times, leftOut) = schedule.cron.ticks(after: start, through: end, in: zone, last: limit)
    var ticks: [Tick] = []
    for time in times {
      let asOf = asOf(at: time.instant)
      if ticks.last?.asOf == asOf { continue }
      ticks.append(Tick(asOf: asOf, dueAt: time.instant, finishBy: deadline(of: time)))
    }
    return (ticks, leftOut)
  }

  /// When a run that is due should be done: the next time that clocks show `finish_by`.
  private func deadline(of tick: CronTick) -> Instant? {
    guard let minutes = settings.schedule?.finishBy?.minutes else { return nil }
    let day = tick.local.flooredDivision(by: Instant.microsecondsPerDay)
    for next in day...(day + 2) {
      let local = next * Instant.microsecondsPerDay + Int64(minutes) * 60_000_000
      guard local > tick.local else { continue }
      let found = zone.firstInstant(showing: local)
      // Where the clocks jump over both, as long after the run is due as it says.
      return found > tick.instant
        ? found : Instant(microseconds: tick.instant.microseconds + local - tick.local)
    }
    return nil
  }

  /// What decides when the pipeline is due and for which as-of.
  var scheduleDefinition: String {
    "\(settings.schedule?.cron.text ?? "") \(zone.name) \(settings.asOf.rawValue)"
  }
}
