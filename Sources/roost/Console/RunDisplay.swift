import Foundation
import Frames
import PipelineFiles
import Runs
import Synchronization

/// Shows a run as it goes: on a terminal the stages under way are redrawn in place, elsewhere each
/// event is a line.
final class RunDisplay: Sendable {
  private struct Live {
    let began: ContinuousClock.Instant
    var progress: StageProgress?
  }

  private struct State {
    var live: [(name: String, stage: Live)] = []
    var drawnLines = 0
    var drawn = ContinuousClock.now
    var frame = 0
  }

  private let began = ContinuousClock.now
  private let zone: CalendarZone
  private let nameWidth: Int
  private let publishes: Bool
  private let state = Mutex(State())
  /// Redraws although nothing happens, so that people see that it lives.
  private let ticker = Mutex<Task<Void, any Error>?>(nil)

  /// Stages whose rows would be published, where they are not.
  private let unpublished: Set<String>

  init(_ planned: PlannedPipeline, publishes: Bool) {
    unpublished =
      publishes
      ? []
      : Set(
        planned.plans.filter { !$0.value.tables.isEmpty && !$0.value.shape.isSomething }
          .map(\.key))
    self.publishes = publishes
    zone = planned.pipeline.zone
    nameWidth = planned.pipeline.stages.map(\.name.text.count).max() ?? 0
    guard Console.isTerminal else { return }
    let task = Task { [weak self] in
      while true {
        try await Task.sleep(for: .milliseconds(100))
        self?.tick()
      }
    }
    ticker.withLock { $0 = task }
  }

  deinit { ticker.withLock { $0?.cancel() } }

  func show(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .stageBegan(let name):
        state.live.append((name, Live(began: .now)))
        if !Console.isTerminal { Console.note("  \(name) …") }
      case .stageProgress(let name, let progress):
        if let place = state.live.firstIndex(where: { $0.name == name }) {
          state.live[place].stage.progress = progress
        }
      default: print(event, &state)
      }
      redraw(&state)
    }
  }

  /// Ends the display of stages under way, of which nobody will say how they ended.
  func end() {
    state.withLock { state in
      erase(&state)
      state.live = []
    }
  }

  private func print(_ event: RunEvent, _ state: inout State) {
    erase(&state)
    switch event {
    case .began(let run, let attempt):
      Console.note("run \(run)" + (attempt > 1 ? ", attempt \(attempt)" : ""))
    case .snapshots(let instants):
      for (source, instant) in instants.sorted(by: { $0.key < $1.key }) {
        Console.note("  \(source) as it was at \(instant.text(in: zone).prefix(19)) (\(zone.name))")
      }
    case .note(let text): Console.note("  note: \(text)")
    case .stageFinished(let name, let result):
      let progress = state.live.first { $0.name == name }?.stage.progress
      let seconds = remove(name, &state)
      var text = line(Console.paint("✓", "32"), name, rows: result.rows, seconds)
      // Only where rows are what takes the time.
      if case .rows(let rows)? = progress, let rate = Quantities.rate(rows, in: seconds) {
        text += "  \(rate)"
      }
      let remark = unpublished.contains(name) ? ", not published" : ""
      Console.note(text + remark)
      for note in result.notes { Console.note("      \(note)\(remark)") }
      for warning in result.warnings {
        Console.note("      \(Console.paint("warning:", "33")) \(warning)")
      }
    case .stageFailed(let name, let message):
      let seconds = remove(name, &state)
      Console.note(
        "  \(Console.paint("✗", "31")) \(padded(name))  \(Quantities.duration(seconds))")
      Console.note("      \(Console.paint("error:", "31;1")) \(message)")
    case .stageSkipped(let name, let cause):
      Console.note("  - \(padded(name))  skipped, because \(cause) failed")
    case .stageReused(let name, let run):
      Console.note("  \(Console.paint("↺", "36")) \(padded(name))  from a checkpoint of run \(run)")
    case .stagePaused(let name, let message, let pause, let tries, let limit):
      _ = remove(name, &state)
      Console.note(
        "  \(Console.paint("↻", "33")) \(padded(name))  try \(tries) of \(limit) failed, again in "
          + Quantities.duration(pause / .seconds(1)))
      Console.note("      \(Console.paint("warning:", "33")) \(message)")
    case .publishing: Console.note("  publishing …")
    case .ended(let outcome): end(outcome)
    case .stageBegan, .stageProgress: break
    }
  }

  private func end(_ outcome: RunOutcome) {
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let word =
      switch outcome.state {
      case .succeeded: Console.paint("succeeded", "32;1")
      case .blocked: Console.paint("blocked by a check", "33;1")
      case .held: Console.paint("held", "33;1")
      default: Console.paint(outcome.state.rawValue, "31;1")
      }
    let remark = outcome.state == .succeeded && !publishes ? ", not published" : ""
    Console.note("run \(outcome.run) \(word)\(remark) in \(Quantities.duration(seconds))")
    if outcome.state != .succeeded {
      if let error = outcome.error, outcome.state != .cancelled { Console.note("  \(error)") }
      let run = outcome.run
      Console.note(
        outcome.state == .held
          ? """
            nothing is visible yet; see what it changes: roost diff \(run)
            publish it: roost approve \(run); let it go: roost cancel \(run)
          """ : "  \(fate(of: outcome)); see: roost show \(run); go on with: roost retry \(run)")
    }
  }

  /// What became of the publication of a run that ended early.
  private func fate(of outcome: RunOutcome) -> String {
    // The session may have ended between the commit and the word of it.
    outcome.isPublicationUnknown
      ? "whether anything was published, the database will say" : "nothing was published"
  }

  private func remove(_ name: String, _ state: inout State) -> Double {
    guard let place = state.live.firstIndex(where: { $0.name == name }) else { return 0 }
    return (ContinuousClock.now - state.live.remove(at: place).stage.began) / .seconds(1)
  }

  private func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(0, nameWidth - name.count))
  }

  private func line(_ mark: String, _ name: String, rows: Int, _ seconds: Double) -> String {
    let count = Quantities.grouped(rows)
    let padding = String(repeating: " ", count: max(0, 10 - count.count))
    return "  \(mark) \(padded(name))  \(padding)\(count) rows  \(Quantities.duration(seconds))"
  }

  private func tick() { state.withLock { redraw(&$0, isTick: true) } }

  /// Draws the stages under way below what was printed; at most ten times a second.
  private func redraw(_ state: inout State, isTick: Bool = false) {
    guard Console.isTerminal else { return }
    let now = ContinuousClock.now
    guard isTick || state.drawnLines == 0 || now - state.drawn > .milliseconds(100) else { return }
    erase(&state)
    state.frame += 1
    let spinner = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")[state.frame % 10]
    for (name, stage) in state.live {
      let seconds = (now - stage.began) / .seconds(1)
      var text = "  \(Console.paint(String(spinner), "36")) \(padded(name))"
      switch stage.progress {
      case .rows(let rows)?:
        text += "  \(Quantities.grouped(rows)) rows"
        if let rate = Quantities.rate(rows, in: seconds) { text += "  \(rate)" }
      case .steps(let done, let all)?:
        let filled = all > 0 ? done * 20 / all : 0
        text +=
          "  [\(String(repeating: "█", count: filled))"
          + "\(String(repeating: "░", count: 20 - filled))] \(done)/\(all)"
      case nil: break
      }
      Console.note(text + "  \(Quantities.duration(seconds))")
    }
    state.drawnLines = state.live.count
    state.drawn = now
  }

  private func erase(_ state: inout State) {
    guard state.drawnLines > 0 else { return }
    Console.write("\u{1b}[\(state.drawnLines)A\u{1b}[J", to: .standardError)
    state.drawnLines = 0
  }
}
