import Diagnostics

/// Why what a person decided about a publication cannot be done.
public enum DecisionError: EndsCommand, Sendable {
  /// A later as-of is shown than that of a held run.
  case newerShown(run: Int, table: String, newer: Int, asOf: String)
  /// There is nothing to go back to.
  case nothingKept(String)
  /// Rows that readers should go back to are no longer kept.
  case notKept(run: Int, tables: [String])

  public var status: ExitStatus { .stageFailed }

  public var description: String {
    switch self {
    case .newerShown(let run, let table, let newer, let asOf):
      "\(table) shows run \(newer) with the later as-of \(asOf); to take readers back to run \(run) "
        + "nevertheless: roost approve \(run) --over-newer"
    case .nothingKept(let what): what
    case .notKept(let run, let tables):
      "rows of run \(run) are no longer kept for \(tables.joined(separator: ", ")); "
        + "see what is: roost rollback --list"
    }
  }
}
