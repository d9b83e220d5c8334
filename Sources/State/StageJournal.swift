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
  /// - Throws: `ImpossibleTransition`, and notes nothing.
  package mutating func note(
    _ transition: StageTransition, of stage: String, result: StageResult? = nil,
    error: String? = nil
  ) throws(ImpossibleTransition) {
    let before = states[stage] ?? .waiting
    guard let state = transition.state(after: before) else {
      throw ImpossibleTransition(stage: stage, transition: transition, state: before)
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

/// Something is said to have happened to a stage that cannot happen to it: a mistake of roost's own, for
/// which a run is rather ended than its journal lost.
package struct ImpossibleTransition: Error, CustomStringConvertible {
  let stage: String
  let transition: StageTransition
  let state: StageState

  package var description: String {
    "stage \(stage) is \(state.rawValue), in which '\(transition.rawValue)' cannot happen: "
      + "this is a mistake of roost, please report it"
  }
}

/// How much an event matters.
public enum EventLevel: String, Sendable, CaseIterable { case info, warning, error }
