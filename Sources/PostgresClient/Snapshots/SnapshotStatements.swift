import CLibpq
import Frames

/// The name under which Postgres shares a transaction's snapshot, good as long as that transaction
/// is open.
public struct SnapshotID: Sendable, Hashable {
  public let name: String

  public init(_ name: String) { self.name = name }
}

extension PostgresConnection {
  /// Shares the snapshot of the open transaction, which must be `repeatableRead` to keep it.
  public func exportSnapshot() throws(PostgresError) -> SnapshotID {
    guard let row = try query("SELECT pg_export_snapshot() AS name").first else {
      throw PostgresError(.statement, "no snapshot was exported", location: location)
    }
    return SnapshotID(try row.string("name"))
  }

  /// Makes the open transaction see what another sees. It must be the first statement of a
  /// `repeatableRead` transaction.
  public func importSnapshot(_ snapshot: SnapshotID) throws(PostgresError) {
    try run("SET TRANSACTION SNAPSHOT \(try SQL.literal(snapshot.name))")
  }

  /// Opens a transaction that reads a source: rows that a policy hides are an error rather than missing.
  func beginReading(
    _ snapshot: SnapshotID? = nil, isolation: IsolationLevel = .repeatableRead
  ) throws(PostgresError) {
    var script = ""
    if let snapshot { script += "SET TRANSACTION SNAPSHOT \(try SQL.literal(snapshot.name));" }
    // A pooler may lend a server session on which somebody else has set these.
    script +=
      "SET LOCAL row_security TO off; SET LOCAL search_path TO DEFAULT; SET LOCAL role TO DEFAULT;"
    // A constraint may have become valid since the snapshot, which still has rows that break it.
    script += "SET LOCAL constraint_exclusion TO off;"
    try begin(isolation: isolation, readOnly: true, then: script)
  }

  /// Marks a place to which `endUse` can return.
  /// - Parameter settings: SET LOCAL statements that count until then.
  func beginUse(_ settings: String = "") throws(PostgresError) {
    try execute(script: "SAVEPOINT reader;" + settings)
  }

  /// Makes the transaction usable again, whatever was done in it since `beginUse`.
  func endUse() throws(PostgresError) {
    try run("ROLLBACK TO SAVEPOINT reader", interruptible: false)
  }

  /// Lets go what was locked since a savepoint.
  func letGo(since savepoint: String) throws(PostgresError) {
    try run("ROLLBACK TO SAVEPOINT \(savepoint)", interruptible: false)
    try run("RELEASE SAVEPOINT \(savepoint)", interruptible: false)
  }
}
