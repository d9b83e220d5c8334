import Diagnostics

/// What others used and did not let go of, for longer than `LockPatience` waits.
public enum StayedInUse: EndsCommand, Sendable {
  /// A table that must be changed.
  case table(String, holders: [String])
  /// The turn to load or to publish.
  case turn(String, holders: [String])

  public var status: ExitStatus { .stageFailed }

  public var description: String {
    switch self {
    case .turn(let table, let holders):
      "\(table) is in use\(Self.by(holders)) and was waited for in vain; see what they do with: roost runs"
    case .table(let table, let holders):
      "\(table) must be changed and is in use\(Self.by(holders)); run again when the transactions "
        + "that use it have ended"
    }
  }

  /// ` by session 7 of role maria`; empty where nobody is known.
  static func by(_ holders: [String]) -> String {
    holders.isEmpty ? "" : " by " + holders.joined(separator: ", ")
  }
}
