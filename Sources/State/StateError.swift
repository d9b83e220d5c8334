import Diagnostics

/// Why a database cannot keep what is known of runs.
public enum StateError: EndsCommand, Sendable {
  /// Its tables were made by a newer roost.
  case newer(found: Int, known: Int)
  /// They were made by an older roost, and what only asks leaves them as they are.
  case older(found: Int, known: Int)
  /// It is reached through a transaction pooler.
  case pooled(String)

  public var status: ExitStatus { .stageFailed }

  public var description: String {
    switch self {
    case .newer(let found, let known):
      "schema roost has version \(found), this roost knows \(known); install the newer roost"
    case .older(let found, let known):
      "schema roost has version \(found), and this roost reads \(known); bring it up to date: roost migrate"
    case .pooled(let location):
      "\(location) is a transaction pooler, behind which a run cannot hold its lock; "
        + "use a direct connection to Postgres, or a pool in session mode"
    }
  }
}
