import Diagnostics

/// Why a database cannot keep what is known of runs.
public enum StateError: EndsCommand, Sendable {
  /// Its tables were made by a newer roost.
  case newer(found: Int, known: Int)
  /// It is reached through a transaction pooler.
  case pooled(String)

  public var status: ExitStatus { .stageFailed }

  public var description: String {
    switch self {
    case .newer(let found, let known):
      "schema roost has version \(found), this roost knows \(known); install the newer roost"
    case .pooled(let location):
      "\(location) is a transaction pooler, behind which a run cannot hold its lock; "
        + "use a direct connection to Postgres, or a pool in session mode"
    }
  }
}
