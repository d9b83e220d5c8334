import Diagnostics
import PostgresClient

/// Why a table cannot be published.
public enum TableError: EndsCommand, Sendable {
  /// It cannot take these columns any more.
  case changed(String, problem: String)
  /// Rows of an as-of were added already, in which they cannot be found again.
  case appendedAlready(String, run: Int)
  /// Whether rows of an as-of were added already is not known any more.
  case appendForgotten(String, pipeline: String, from: String, to: String)
  /// Rows that a held run loaded are gone.
  case rowsGone(String, run: Int)
  /// What was compared with was replaced again and again meanwhile.
  case movingBase(String)
  /// A role cannot be given what it needs to read what is published.
  case notGranted(String, on: String, to: String)

  public var status: ExitStatus { .stageFailed }

  public var description: String {
    switch self {
    case .changed(let table, let problem):
      "\(table) cannot be published: \(problem); publish under a new name"
    case .appendedAlready(let table, let run):
      "run \(run) has added rows for this as-of to \(table) already, and none are added twice; give the "
        + "table a column run_id bigint, by which runs find their rows again and replace them"
    case .appendForgotten(let table, let pipeline, let first, let last):
      "what was added to \(table) for as-ofs from \(first) to \(last) is not known any more, for keep_runs "
        + "has let it go, and none are added twice; if the table has no rows of this as-of, let them be added "
        + "with: DELETE FROM roost.forgotten_merges WHERE (target, pipeline) = "
        + "(\(Self.literal(table)), \(Self.literal(pipeline)))"
    case .rowsGone(let table, let run):
      "what run \(run) loaded for \(table) is gone; let the run go with: roost cancel \(run)"
    case .movingBase(let table):
      "\(table) was published again and again while this run was compared with it; run it again"
    case .notGranted(let privilege, let thing, let role):
      "'\(role)' cannot be granted \(privilege) on \(thing), which is another's; "
        + "as its owner: GRANT \(privilege) ON \(thing) TO \(role)"
    }
  }

  private static func literal(_ text: String) -> String { (try? SQL.literal(text)) ?? "''" }
}
