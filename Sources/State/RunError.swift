import Diagnostics
import Frames

/// Why a run cannot be made or cannot go on, by what is kept of it.
public enum RunError: EndsCommand, Sendable {
  /// Another process makes this run.
  case locked(pipeline: String, asOf: String, run: Int?)
  /// Somebody else has made the run of a list meanwhile, or it is not wanted any more.
  case notClaimed
  /// The run's lock or token is gone: somebody else has taken it over.
  case lostLock
  /// The session that held the run's lock ended.
  case lostSession(String)
  /// There is no such run.
  case noRun(Int)
  /// Somebody asked that the run end.
  case cancelRequested
  /// A run that is not held can be neither approved nor let go.
  case notHeld(Int, state: String, error: String?)
  /// There is nothing that could be resumed.
  case notResumable(Int, RunState)
  /// A later run was made for the same as-of.
  case superseded(Int, by: Int)

  public var status: ExitStatus {
    switch self {
    case .locked: .locked
    case .notClaimed, .lostLock, .lostSession, .noRun, .cancelRequested, .notHeld, .notResumable,
      .superseded:
      .stageFailed
    }
  }

  public var description: String {
    switch self {
    case .locked(let pipeline, let asOf, let run):
      "\(run.map { "run \($0)" } ?? "another run") of pipeline \(pipeline) for \(asOf) is under way; "
        + "wait for it, or look at it with: roost runs"
    case .notClaimed: "the run has been made meanwhile, or is not wanted any more"
    case .lostLock:
      "the run lost its lock on the database, so it may not publish; run it again"
    case .lostSession(let location):
      "the session with \(location) that held the run's lock has ended, so the run was stopped; "
        + "run it again"
    case .noRun(let id): "there is no run \(id); list them with: roost runs"
    case .cancelRequested: "somebody asked that it end: roost cancel"
    case .notHeld(let id, let state, let error):
      "run \(id) is \(state), not held" + (error.map { ": \($0)" } ?? "")
        + "; runs that wait for a person are listed as held by: roost runs"
    case .notResumable(let id, let state):
      "run \(id) is \(state.rawValue) and cannot be resumed; see: roost show \(id)"
    case .superseded(let id, let latest):
      "run \(latest) was made for the as-of of run \(id) since; see: roost show \(latest)"
    }
  }
}
