import Frames
import PipelineFiles

/// What happened to the stages of a run and is not taken for storing yet. All that is taken together is
/// stored by one statement, so that stages that end and begin together cost one commit.
package struct StageJournal {
  private var states: [String: StageState]
  private var tries: [String: Int] = [:]
  private var entries = StageEntries()

  package init(_ states: [String: StageState]) { self.states = states }

  /// Notes that something happened to a stage.
  package mutating func note(
    _ transition: StageTransition, of stage: String, result: StageResult? = nil,
    error: String? = nil
  ) {
    guard let state = transition.state(after: states[stage] ?? .waiting) else {
      assertionFailure("\(transition) of \(stage) after \(states[stage] ?? .waiting)")
      return
    }
    let now = ContinuousClock.now
    states[stage] = state
    if transition == .begin { tries[stage, default: 0] += 1 }
    entries.change(stage) { change in
      change.state = state
      change.tries = tries[stage] ?? 0
      if transition == .begin { change.began = now }
      if [.finish, .fail, .cancel].contains(transition) { change.ended = now }
      change.result = result ?? change.result
      change.error = error
    }
    let level: EventLevel =
      switch transition {
      case .fail: .error
      case .pause, .skip, .cancel: .warning
      default: .info
      }
    let text = error ?? result.map { "\($0.rows) rows" } ?? ""
    entries.say(level, text, of: stage, as: transition.rawValue)
    for warning in result?.warnings ?? [] {
      entries.say(.warning, warning, of: stage, as: "warning")
    }
    for note in result?.notes ?? [] { entries.say(.info, note, of: stage, as: "note") }
  }

  /// What is new; nil where nothing is. It is not in the journal any more.
  package mutating func take() -> StageEntries? {
    guard !entries.isEmpty else { return nil }
    defer { entries = StageEntries() }
    return entries
  }
}

/// How much an event matters.
public enum EventLevel: String, Sendable, CaseIterable { case info, warning, error }
