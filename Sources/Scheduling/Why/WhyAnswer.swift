import Frames
import PipelineFiles
import Runs

/// Why a pipeline ran or did not, in words. Pure: facts go in.
public struct WhyAnswer: Sendable {
  /// What kind of answer it is, for programs.
  public enum Cause: String, Sendable {
    case brokenFile = "broken_file"
    case wrongFiles = "wrong_files"
    case databaseDown = "database_down"
    case lockedSource = "locked_source"
    case underway
    case held
    case checkFailed = "check_failed"
    case failed
    case cancelled
    case lost
    case noSchedule = "no_schedule"
    case noScheduler = "no_scheduler"
    case skipped
    case waiting
    case late
    case fine
  }

  public let cause: Cause
  /// The answer, the first line the shortest.
  public let lines: [String]

  public init(_ facts: WhyFacts) {
    (cause, lines) = Self.answer(facts)
  }

  private static func answer(_ facts: WhyFacts) -> (Cause, [String]) {
    let changes = facts.changes.map { "  \($0.text)" }
    let what = changes.isEmpty ? [] : ["In the latest good run, against those before:"] + changes
    let (cause, lines) = obstacle(facts) ?? absence(facts) ?? outcome(facts)
    let next = next(facts, cause)
    // The line about what is next names the zone.
    let isTimed = next.isEmpty && lines.contains { $0.contains(/\d{4}-\d\d-\d\d \d\d:\d\d/) }
    let zone = isTimed ? ["Times are those of \(facts.zone.name)."] : []
    return (cause, lines + what + next + zone)
  }

  /// What keeps any run from being made now.
  private static func obstacle(_ facts: WhyFacts) -> (Cause, [String])? {
    if let message = facts.brokenFile {
      return (
        .brokenFile,
        [
          "Its file cannot be read: \(message)",
          "A scheduler goes on with what the file said when it could last be read.",
        ]
      )
    }
    if let running = facts.running {
      let hours = facts.minutes(since: running.startedAt)
      let stages =
        running.underway.isEmpty ? "" : ", in \(running.underway.joined(separator: ", "))"
      return (
        .underway,
        [
          "Run \(running.id) for \(facts.text(running.asOf)) is under way since \(hours)\(stages).",
          "No other run for that as-of can begin. Watch it with: roost logs \(running.id) --follow; "
            + "end it with: roost cancel \(running.id)",
        ]
      )
    }
    if !facts.unreachable.isEmpty {
      return (
        .databaseDown,
        facts.unreachable.map { "A database cannot be reached: \($0)" } + last(facts)
      )
    }
    if let message = facts.locked {
      return (
        .lockedSource, ["A run could not begin now: \(message)"] + last(facts)
      )
    }
    if let message = facts.wrongFiles {
      return (.wrongFiles, ["Its files are wrong: \(message)"] + last(facts))
    }
    return nil
  }

  /// Why it was not begun when it was due.
  private static func absence(_ facts: WhyFacts) -> (Cause, [String])? {
    guard facts.hasSchedule else { return nil }
    guard let due = facts.lastDue else { return nil }
    // A run that a person made for it stands for it.
    if let latest = facts.latest, latest.asOf >= due.asOf, latest.state == .succeeded { return nil }
    guard let lookedAt = facts.lookedAt else {
      return (
        .noScheduler,
        [
          "It was due at \(facts.text(due.dueAt)), and no scheduler has ever looked at it.",
          "Start one with: roost schedule",
        ] + last(facts)
      )
    }
    if facts.tick?.asOf != due.asOf, lookedAt < due.dueAt {
      return (
        .noScheduler,
        [
          "It was due at \(facts.text(due.dueAt)), and no scheduler was there: one looked last at "
            + "\(facts.text(lookedAt)).",
          "The machine or the scheduler was off. Start it with: roost schedule",
        ] + last(facts)
      )
    }
    guard let tick = facts.tick, tick.asOf == due.asOf else { return nil }
    let reason = tick.reason.map { ": \($0)" } ?? ""
    switch tick.state {
    case "skipped":
      return (
        .skipped,
        ["The run that was due at \(facts.text(tick.dueAt)) was left out\(reason)."]
          + last(facts)
      )
    case "waiting":
      return (
        .waiting,
        ["The run that was due at \(facts.text(tick.dueAt)) has not begun\(reason)."] + last(facts)
      )
    default: return nil
    }
  }

  /// How the latest run ended.
  private static func outcome(_ facts: WhyFacts) -> (Cause, [String]) {
    guard let run = facts.latest else {
      return facts.hasSchedule
        ? (.waiting, ["It has not run yet."])
        : (
          .noSchedule,
          ["It has not run yet, and has no schedule: make a run with: roost run FILE"]
        )
    }
    let name = "Run \(run.id) for \(facts.text(run.asOf))"
    let error = run.error.map { [$0] } ?? []
    let stays = "What was published before stays."
    let again = "Go on with it: roost retry \(run.id)"
    switch run.state {
    case .blocked:
      return (.checkFailed, ["\(name) was blocked by a check.", stays] + error + [again])
    case .held:
      return (
        .held,
        ["\(name) is held: a person must say what becomes of it.", stays] + error + [
          "See what it would change: roost diff \(run.id); then roost approve \(run.id) or roost cancel "
            + "\(run.id)"
        ]
      )
    case .failed: return (.failed, ["\(name) failed.", stays] + error + [again])
    case .lost:
      return (
        .lost,
        [
          "\(name) is lost: its process ended without a word, as when the machine goes off.", stays,
          again,
        ]
      )
    case .cancelled where facts.tick?.run == run.id && facts.tick?.state == "parked":
      return (
        .cancelled,
        [
          "\(name) was parked when its scheduler shut down; the next start of one goes on with it.",
          stays, "Start one with: roost schedule",
        ]
      )
    case .cancelled: return (.cancelled, ["\(name) was cancelled.", stays] + error + [again])
    case .running, .succeeded:
      return good(run, facts)
    }
  }

  private static func good(_ run: WhyFacts.Run, _ facts: WhyFacts) -> (Cause, [String]) {
    let end = run.finishedAt.map { facts.text($0) } ?? "?"
    var lines = ["Run \(run.id) for \(facts.text(run.asOf)) is done since \(end)."]
    if !run.publishes { lines.append("It was not to publish anything.") }
    if let tick = facts.tick, tick.run == run.id, tick.origin != .onTime {
      lines.append(
        "It was due at \(facts.text(tick.dueAt)) and came \(tick.origin == .late ? "late" : "to be caught up")"
          + (tick.reason.map { ": \($0)" } ?? "") + ".")
      return (.late, lines)
    }
    if !facts.hasSchedule {
      return (.noSchedule, lines + ["It has no schedule: only a person makes its runs."])
    }
    return (.fine, lines)
  }

  private static func last(_ facts: WhyFacts) -> [String] {
    guard let run = facts.latest else { return facts.isStateKnown ? ["It has never run."] : [] }
    return [
      "Its latest run, \(run.id) for \(facts.text(run.asOf)), ended as \(run.state.rawValue)"
        + (run.finishedAt.map { " at \(facts.text($0))" } ?? "") + "."
    ]
  }

  private static func next(_ facts: WhyFacts, _ cause: Cause) -> [String] {
    guard facts.brokenFile == nil, let due = facts.nextDue else { return [] }
    return ["It is due next at \(facts.text(due)) (\(facts.zone.name))."]
  }
}

extension WhyFacts {
  func text(_ instant: Instant) -> String { String(instant.text(in: zone).prefix(16)) }

  /// `02:30, 95 minutes ago` in the pipeline's zone.
  func minutes(since start: Instant) -> String {
    let minutes = max(0, (now.microseconds - start.microseconds) / 60_000_000)
    return "\(text(start)) (\(minutes) \(minutes == 1 ? "minute" : "minutes"))"
  }
}

extension WhyFacts.Change {
  var text: String {
    switch kind {
    case .rows(let now, let usual): "\(stage): \(now) rows, usually about \(usual)"
    case .seconds(let now, let usual):
      "\(stage): took \(Self.seconds(now)) s, usually about \(Self.seconds(usual)) s"
    case .definition: "\(stage): its definition changed"
    case .isNew: "\(stage): is new"
    }
  }

  private static func seconds(_ value: Double) -> String { String((value * 10).rounded() / 10) }
}
