/// What went wrong between Roost and a database.
///
/// Its description never holds row values or secrets: DETAIL and CONTEXT, where Postgres quotes
/// rows, are left out, and so is a message that may quote a value (see `MessagePrivacy`).
public struct PostgresError: Error, Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// The database cannot be reached or does not let us in.
    case cannotConnect
    /// The server refused a statement.
    case statement
    /// The connection broke while it was used; what was not committed is gone.
    case connectionLost
    /// What was read changed in a way that snapshots do not hide, so that nothing of it counts: it may
    /// be read again.
    case changed
    /// A value cannot be held or sent as its column's type. Rows count from 1.
    case data(column: String?, row: Int?)
    /// The task was cancelled, or `PostgresConnection.cancel()` was called.
    case cancelled
  }

  public var kind: Kind
  /// The five characters by which Postgres names an error; nil where the error is not the server's.
  public var sqlState: String?
  public var message: String
  public var hint: String?
  /// Postgres's DETAIL. It may hold row values: never print or log it.
  public var detail: String?
  /// Offset of the error in the statement, in Unicode scalars from 0.
  public var position: Int?
  public var schema: String?
  public var table: String?
  public var column: String?
  public var constraint: String?
  /// Whether a value is NaN where an exact decimal is wanted.
  public var isOfNaN = false
  /// Where the database is, as `host:port/dbname`.
  public var location: String?

  public init(
    _ kind: Kind, _ message: String, sqlState: String? = nil, hint: String? = nil,
    location: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.sqlState = sqlState
    self.hint = hint
    self.location = location
  }
}

extension PostgresError {
  /// Whether another session held a lock for longer than `lock_timeout`.
  public var isLockTimeout: Bool { sqlState == SQLState.lockNotAvailable }
  /// Whether a table is missing.
  public var isUndefinedTable: Bool { sqlState == SQLState.undefinedTable }
  /// Whether the role lacks a privilege.
  public var isMissingPrivilege: Bool { sqlState == SQLState.insufficientPrivilege }
  /// Whether it lies in what the server has or does at the moment: room, connections, time, conflicts.
  public var isOfTheMoment: Bool {
    ["40", "53", "57", "58"].contains(sqlState.map { String($0.prefix(2)) } ?? "")
  }
  /// Whether the server ended it because it stood in the way of something else.
  public var isConflict: Bool { sqlState?.hasPrefix("40") == true }
  /// Whether something that is named is missing: a table, a column, a function, a type, a schema.
  public var isUndefinedName: Bool {
    ["42P01", "42703", "42883", "42704", "3F000"].contains(sqlState ?? "")
  }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
  /// The message, then SQLSTATE and location in brackets, then the hint on a line of its own.
  public var description: String {
    let notes = [sqlState.map { "SQLSTATE \($0)" }, location].compactMap(\.self)
    let place = notes.isEmpty ? "" : " [\(notes.joined(separator: ", "))]"
    return message + place + (hint.map { "\nhint: \($0)" } ?? "")
  }

  public var debugDescription: String { description }
}

extension PostgresError: CustomReflectable {
  /// Without `detail`, so that a dump of the error holds no row values.
  public var customMirror: Mirror {
    Mirror(self, children: ["kind": kind, "description": description])
  }
}

extension PostgresError {
  /// What to do about a policy that hides rows.
  public static let hintOfRowSecurity =
    "rows would be missing without a word: let the role that roost connects as see all of them "
    + "(ALTER ROLE … BYPASSRLS), or say why what a policy leaves out is not wanted with "
    + "row_security: REASON"
}

/// SQLSTATEs that the client acts on.
package enum SQLState {
  package static let queryCanceled = "57014"
  package static let lockNotAvailable = "55P03"
  package static let undefinedTable = "42P01"
  package static let insufficientPrivilege = "42501"
  package static let invalidParameterValue = "22023"
}
