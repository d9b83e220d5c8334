import Frames
import Runs
import Scheduling
import Synchronization

/// Shows the runs of a backfill, one line for each.
final class BackfillDisplay: Sendable {
  private struct State {
    var done: Int
    var began: [Instant: ContinuousClock.Instant] = [:]
  }

  private let zone: CalendarZone
  private let count: Int
  private let state: Mutex<State>

  init(_ backfill: Scheduling.Backfill, zone: CalendarZone) {
    self.zone = zone
    count = backfill.count
    state = Mutex(State(done: backfill.count - backfill.pending.count))
  }

  func show(_ run: WantedRun, _ event: RunEvent) {
    let asOf = run.asOf.shortText(in: zone)
    switch event {
    case .began: state.withLock { $0.began[run.asOf] = .now }
    case .stageFailed(let stage, let message): Console.note("  \(asOf): stage \(stage): \(message)")
    default: break
    }
  }

  func show(_ asOf: Instant, _ made: MadeRun) {
    state.withLock { state in
      if made.state == .succeeded { state.done += 1 }
      let took = state.began[asOf].map {
        " in \(Quantities.duration((ContinuousClock.now - $0) / .seconds(1)))"
      }
      Console.note(
        "  \(asOf.shortText(in: zone)): \(made.text)\(took ?? "")  (\(state.done) of \(count))")
    }
  }
}
