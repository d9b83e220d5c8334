import Frames

/// Why a run cannot be made or cannot go on.
public enum RunError: Error, Sendable {
  /// Another process makes this run.
  case locked(pipeline: String, asOf: String, run: Int?)
  /// Somebody else has made the run of a list meanwhile, or it is not wanted any more.
  case notClaimed
  /// The run's lock or token is gone: somebody else has taken it over.
  case lostLock
  /// The state was written by a newer roost.
  case newerState(found: Int, known: Int)
  /// There is no such run.
  case noRun(Int)
  /// A published table cannot take these columns any more.
  case changedTarget(table: String, problem: String)
  /// A published table cannot be changed, because sessions use it and do not end.
  case heldTable(table: String, holders: [String])
  /// Other sessions load or publish, and do not end.
  case turnNotCome(table: String, holders: [String])
  /// The session that held the run's lock ended.
  case lostSession(String)
  /// Rows of an as-of were added to a table already, in which they cannot be found again.
  case appendedAlready(table: String, run: Int)
  /// A run that is not held can be neither approved nor let go.
  case notHeld(Int, state: String, error: String?)
  /// Rows that a held run loaded are gone.
  case rowsGone(run: Int, table: String)
  /// A later as-of is shown than that of a held run.
  case newerShown(run: Int, table: String, newer: Int, asOf: String)
  /// What was compared with was replaced again and again meanwhile.
  case movingBase(table: String)
  /// A role cannot be given what it needs to read what is published.
  case notGranted(String, on: String, to: String)
  /// There is nothing to go back to.
  case nothingKept(String)
  /// Rows that readers should go back to are no longer kept.
  case notKept(run: Int, tables: [String])
  /// The state database is reached through a transaction pooler.
  case pooled(String)
  /// Somebody asked that the run end.
  case cancelRequested
  /// The run took longer than it may.
  case timeout(String)
  /// The run holds more memory, in megabytes, than it may.
  case memory(held: Int, limit: String)
  /// There is nothing that could be resumed.
  case notResumable(Int, RunState)
  /// A later run was made for the same as-of.
  case superseded(Int, by: Int)
}

extension RunError: CustomStringConvertible {
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
    case .pooled(let location):
      "\(location) is a transaction pooler, behind which a run cannot hold its lock; "
        + "use a direct connection to Postgres, or a pool in session mode"
    case .newerState(let found, let known):
      "schema roost has version \(found), this roost knows \(known); install the newer roost"
    case .cancelRequested: "somebody asked that it end: roost cancel"
    case .timeout(let limit):
      "it took longer than its timeout of \(limit); see which stage did with: roost show, or give it "
        + "more time with timeout:"
    case .memory(let held, let limit):
      "it holds \(held) MB of memory and may hold \(limit); read fewer rows or columns, let fewer "
        + "stages run at once with max_parallel:, or allow more with memory:"
    case .notResumable(let id, let state):
      "run \(id) is \(state.rawValue) and cannot be resumed; see: roost show \(id)"
    case .superseded(let id, let latest):
      "run \(latest) was made for the as-of of run \(id) since; see: roost show \(latest)"
    case .noRun(let id): "there is no run \(id); list them with: roost runs"
    case .changedTarget(let table, let problem):
      "\(table) cannot be published: \(problem); publish under a new name"
    case .appendedAlready(let table, let run):
      "run \(run) has added rows for this as-of to \(table) already, and none are added twice; give the "
        + "table a column run_id bigint, by which runs find their rows again and replace them"
    case .notHeld(let id, let state, let error):
      "run \(id) is \(state), not held" + (error.map { ": \($0)" } ?? "")
        + "; runs that wait for a person are listed as held by: roost runs"
    case .rowsGone(let run, let table):
      "what run \(run) loaded for \(table) is gone; let the run go with: roost cancel \(run)"
    case .newerShown(let run, let table, let newer, let asOf):
      "\(table) shows run \(newer) with the later as-of \(asOf); to take readers back to run \(run) "
        + "nevertheless: roost approve \(run) --over-newer"
    case .movingBase(let table):
      "\(table) was published again and again while this run was compared with it; run it again"
    case .notGranted(let privilege, let thing, let role):
      "'\(role)' cannot be granted \(privilege) on \(thing), which is another's; "
        + "as its owner: GRANT \(privilege) ON \(thing) TO \(role)"
    case .nothingKept(let what): what
    case .notKept(let run, let tables):
      "rows of run \(run) are no longer kept for \(tables.joined(separator: ", ")); "
        + "see what is: roost rollback --list"
    case .turnNotCome(let table, let holders):
      "\(table) is in use\(Self.by(holders)) and was waited for in vain; see what they do with: roost runs"
    case .heldTable(let table, let holders):
      "\(table) must be changed and is in use\(Self.by(holders)); run again when the transactions "
        + "that use it have ended"
    }
  }

  /// ` by session 7 of role maria`; empty where nobody is known.
  static func by(_ holders: [String]) -> String {
    holders.isEmpty ? "" : " by " + holders.joined(separator: ", ")
  }
}
