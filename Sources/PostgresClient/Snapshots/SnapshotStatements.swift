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

  /// Opens the transaction of a snapshot's reader.
  func beginReading(_ snapshot: SnapshotID?) throws(PostgresError) {
    try begin(isolation: .repeatableRead, readOnly: true)
    if let snapshot { try importSnapshot(snapshot) }
    // A pooler may have set up another server session than the one that this transaction is on.
    try execute(script: try Self.assignments(ConnectionOptions.uniform, verb: "SET LOCAL"))
  }

  /// Marks a place to which `endUse` can return.
  func beginUse() throws(PostgresError) {
    try run("SAVEPOINT reader", interruptible: false)
  }

  /// Makes the transaction usable again, whatever was done in it since `beginUse`.
  func endUse() throws(PostgresError) {
    try run("ROLLBACK TO SAVEPOINT reader", interruptible: false)
  }
}
