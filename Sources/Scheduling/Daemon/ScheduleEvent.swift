import Frames
import PipelineFiles
import Runs

/// Something that a scheduler did or found, for its log.
public enum ScheduleEvent: Sendable {
  case folder(PipelineFolder.Change)
  case restored(Pipeline)
  case looked(Pipeline, TickDecision)
  case beginning(Pipeline, OpenTick)
  case ended(Pipeline, Tick, MadeRun)
  case madeAlready(Pipeline, Tick, run: Int)
  case gaveUp(Pipeline, Tick, run: Int)
  /// The state database cannot be reached; it is tried again.
  case unreachable(String)
  case reachable
  /// The clock of the state's database, which counts, is ahead of this machine's by more than a minute;
  /// behind it where that is negative.
  case clockDiffers(seconds: Int)
  case alerts(Deliveries)
  /// What is kept no longer could not be let go.
  case uncleared(String)
  case stopping(runs: Int)

  /// The event in lines, each with the pipeline and the as-of that it is about.
  public var lines: [String] {
    switch self {
    case .folder(let change): return [Self.line(change)]
    case .restored(let pipeline):
      return ["\(pipeline.name): what \(pipeline.file.name) said before holds until it is mended"]
    case .looked(let pipeline, let decision):
      let skipped = decision.entries.filter(\.isSkipped).map { entry in
        "\(Self.name(pipeline, entry.tick.asOf)): skipped: \(entry.reason ?? "")"
      }
      let overtaken = decision.overtaken.sorted { $0.key < $1.key }.map { asOf, reason in
        "\(Self.name(pipeline, asOf)): skipped: \(reason)"
      }
      let ahead = decision.lookedAhead.map {
        "\(pipeline.name): a scheduler whose clock was ahead has looked until "
          + "\($0.shortText(in: pipeline.zone)); what was noted of times to come is taken back"
      }
      return [ahead].compactMap(\.self) + skipped + overtaken
    case .beginning(let pipeline, let open):
      let why =
        switch (open.state, open.origin) {
        case (.lost(let run), _): "again, because run \(run) was lost"
        case (.parked(let run), _): "again, because run \(run) was parked"
        case (_, .onTime): "due \(open.tick.dueAt.shortText(in: pipeline.zone))"
        case (_, .late): "late, due \(open.tick.dueAt.shortText(in: pipeline.zone))"
        case (_, .caughtUp): "caught up, due \(open.tick.dueAt.shortText(in: pipeline.zone))"
        }
      return ["\(Self.name(pipeline, open.tick.asOf)): begins (\(why))"]
    case .ended(let pipeline, let tick, let made):
      return ["\(Self.name(pipeline, tick.asOf)): \(made.text)"]
    case .madeAlready(let pipeline, let tick, let run):
      return ["\(Self.name(pipeline, tick.asOf)): run \(run) is there already, so none is made"]
    case .gaveUp(let pipeline, let tick, let run):
      return [
        "\(Self.name(pipeline, tick.asOf)): given up, since its runs are lost; see run \(run)"
      ]
    case .unreachable(let message): return ["the state cannot be reached, trying again: \(message)"]
    case .reachable: return ["the state can be reached again"]
    case .clockDiffers(let seconds):
      return [
        "this machine's clock is \(abs(seconds)) s \(seconds > 0 ? "behind" : "ahead of") that of the "
          + "state's database, which decides what is due; set it right"
      ]
    case .alerts(let deliveries): return deliveries.lines
    case .uncleared(let message): return ["what is kept no longer stays for now: \(message)"]
    case .stopping(let runs):
      return [
        runs == 0
          ? "stopping"
          : "stopping: \(runs) run\(runs == 1 ? " is" : "s are") parked for the next start"
      ]
    }
  }

  private static func line(_ change: PipelineFolder.Change) -> String {
    switch change {
    case .loaded(let pipeline): "\(pipeline.name): \(schedule(pipeline))"
    case .changed(let pipeline): "\(pipeline.name): changed: \(schedule(pipeline))"
    case .broken(_, _, let message): "broken: \(message)"
    case .gone(let pipeline): "\(pipeline.name): \(pipeline.file.name) is gone"
    }
  }

  private static func schedule(_ pipeline: Pipeline) -> String {
    guard let schedule = pipeline.settings.schedule else { return "no schedule" }
    return "\(schedule.cron.text) (\(pipeline.zone.name))"
  }

  static func name(_ pipeline: Pipeline, _ asOf: Instant) -> String {
    "\(pipeline.name) for \(asOf.shortText(in: pipeline.zone))"
  }
}

extension MadeRun {
  /// In words.
  public var text: String {
    switch self {
    case .ended(let outcome):
      "run \(outcome.run) \(outcome.state.rawValue)" + (outcome.error.map { ": \($0)" } ?? "")
    case .locked: "another process is at it"
    case .notClaimed: "left out: made elsewhere meanwhile, or cancelled"
    case .notBegun(let obstacle): "did not begin: \(obstacle.text)"
    }
  }
}
