import Frames
import PipelineFiles

/// A run that is still to come.
public struct UpcomingTick: Sendable {
  public let pipeline: Pipeline
  public let tick: Tick
  /// What is odd about its local time; nil as a rule.
  public let note: String?

  /// The next ticks of some pipelines, the earliest first.
  public static func next(
    _ count: Int, of pipelines: [Pipeline], after now: Instant
  ) -> [UpcomingTick] {
    let each = pipelines.flatMap { next(count, of: $0, after: now) }
    return Array(
      each.sorted { ($0.tick.dueAt, $0.pipeline.name) < ($1.tick.dueAt, $1.pipeline.name) }
        .prefix(count))
  }

  private static func next(
    _ count: Int, of pipeline: Pipeline, after now: Instant
  ) -> [UpcomingTick] {
    guard let schedule = pipeline.settings.schedule else { return [] }
    var found: [UpcomingTick] = []
    var place = now
    while found.count < count, let time = schedule.cron.tick(after: place, in: pipeline.zone) {
      let ticks = pipeline.ticks(after: place, through: time.instant, last: 1).ticks
      place = time.instant
      guard let tick = ticks.first, found.last?.tick.asOf != tick.asOf else { continue }
      found.append(UpcomingTick(pipeline: pipeline, tick: tick, note: note(time)))
    }
    return found
  }

  private static func note(_ tick: CronTick) -> String? {
    let clock = Instant(microseconds: tick.local).text(in: .utc).dropFirst(11).prefix(5)
    switch tick.occurrences {
    case 0: return "\(clock) does not exist that day: the first instant after it"
    case 1: return nil
    default: return "\(clock) comes twice that day: the first time"
    }
  }
}
