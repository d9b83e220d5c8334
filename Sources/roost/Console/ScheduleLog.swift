import ArgumentParser
import Foundation
import Frames
import Runs
import Scheduling
import State

/// The log of a scheduler: a line for each thing that happens, on stderr.
struct ScheduleLog: Sendable {
  /// The journal has times of its own.
  private static let isJournal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil

  func show(_ event: ScheduleEvent) {
    for line in event.lines { Self.write(line) }
  }

  func say(_ text: String) { Self.write(text) }

  func show(_ run: WantedRun, _ event: RunEvent) {
    let name = "\(run.pipeline.name) for \(run.asOf.shortText(in: run.pipeline.zone))"
    switch event {
    case .began(let id, let attempt):
      Self.write("\(name): run \(id)" + (attempt > 1 ? ", attempt \(attempt)" : ""))
    case .stageFailed(let stage, let message):
      Self.write("\(name): stage \(stage) failed: \(message)")
    case .note(let text): Self.write("\(name): note: \(text)")
    default: break
    }
  }

  private static func write(_ text: String) {
    for line in text.split(separator: "\n") {
      Console.note(isJournal ? "\(line)" : "\(Instant.now.text(in: .utc).prefix(19))Z \(line)")
    }
  }

  /// Ends the command with the code of the worst of some runs; returns where all is well.
  static func exit(after made: [MadeRun]) throws {
    let codes: [ExitCode?] = made.map { made in
      switch made {
      case .ended(let outcome):
        switch outcome.state {
        case .succeeded: nil
        case .blocked, .held: .blocked
        case .cancelled: .cancelled
        default: outcome.isUnreachable ? .unreachable : .stageFailed
        }
      case .notBegun(let obstacle):
        switch obstacle.kind {
        case .files: .wrongFiles
        case .database: .unreachable
        case .cancelled: .cancelled
        case .other: .stageFailed
        }
      case .locked, .notClaimed: nil
      }
    }
    let bad = codes.compactMap(\.self)
    if let worst = bad.first(where: { $0 == .stageFailed }) ?? bad.first { throw worst }
  }
}

extension MadeRun {
  /// How the run ended; nil where none was made.
  var state: RunState? { if case .ended(let outcome) = self { outcome.state } else { nil } }
}
