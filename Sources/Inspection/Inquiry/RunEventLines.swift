import Frames
import PipelineFiles
import Runs
import State

/// Puts what happens in a run into lines of a structured log while it happens, in the words of those
/// that are kept.
public struct RunEventLines: Sendable {
  private var run: Int?
  private var attempt: Int?

  public init() {}

  /// The lines of an event: one, and one for each note and warning of a stage; none for what is only
  /// progress.
  public mutating func lines(of event: RunEvent, at instant: Instant) -> [LogLine] {
    switch event {
    case .began(let run, let attempt):
      let name = self.run != nil ? "again" : attempt > 1 ? "resume" : "begin"
      (self.run, self.attempt) = (run, attempt)
      return [line(instant, name, "attempt \(attempt)")]
    case .snapshots(let instants):
      return instants.sorted { $0.key < $1.key }.map { source, read in
        line(instant, "snapshot", "\(source) as it was at \(read.rfc3339)")
      }
    case .note(let text): return [line(instant, "note", text)]
    case .stageBegan(let stage): return [line(instant, .begin, of: stage)]
    case .stageProgress: return []
    case .stageFinished(let stage, let result):
      var finish = line(instant, .finish, of: stage, "\(result.rows) rows")
      finish.rows = result.rows
      return [finish]
        + result.warnings.map { line(instant, "warning", $0, of: stage, .warning) }
        + result.notes.map { line(instant, "note", $0, of: stage) }
    case .stageFailed(let stage, let message):
      return [line(instant, .fail, of: stage, message, .error)]
    case .stageSkipped(let stage, let cause):
      return [line(instant, .skip, of: stage, "stage \(cause) failed", .warning)]
    case .stageReused(let stage, let run):
      return [line(instant, .reuse, of: stage, "from a checkpoint of run \(run)")]
    case .stagePaused(let stage, let message, _, _, _):
      return [line(instant, .pause, of: stage, message, .warning)]
    case .publishing: return [line(instant, "publish", "")]
    case .ended(let outcome):
      run = outcome.run
      return Self.ends.filter { $0.target == outcome.state }.map { end in
        line(
          instant, end.rawValue, outcome.error ?? "", of: nil,
          end.target == .succeeded ? .info : .error)
      }
    }
  }

  /// What ends a run in the process that makes it.
  private static let ends: [RunTransition] = [.succeed, .fail, .block, .hold, .cancel, .lose]

  private func line(
    _ at: Instant, _ transition: StageTransition, of stage: String, _ message: String = "",
    _ level: EventLevel = .info
  ) -> LogLine {
    line(at, transition.rawValue, message, of: stage, level)
  }

  private func line(
    _ at: Instant, _ event: String, _ message: String, of stage: String? = nil,
    _ level: EventLevel = .info
  ) -> LogLine {
    LogLine(
      run: run, attempt: attempt, at: at, level: level, stage: stage, event: event,
      message: message)
  }
}
