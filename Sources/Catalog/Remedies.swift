import Diagnostics
import PipelineFiles
import PostgresClient

extension PostgresError {
  /// What Postgres names first in quotes, such as the relation that does not exist.
  var quotedName: String? {
    let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count > 2 ? String(parts[1]) : nil
  }
}

extension PostgresConnection {
  /// An error of a statement with a remedy, where Postgres gives none: the table that may be meant, or
  /// the role that lacks a privilege. Executes nothing of the statement.
  public func withRemedy(_ error: PostgresError) throws(PostgresError) -> PostgresError {
    guard error.hint == nil else { return error }
    var error = error
    if error.isUndefinedTable, let name = error.quotedName {
      error.hint = try tableNames().flatMap { Suggestion.nearest(to: name, in: $0) }
        .map { "did you mean '\($0)'?" }
    } else if error.isMissingPrivilege {
      let role = try query("SELECT current_user::text").first?.string(0) ?? ""
      error.hint = "roost connects as '\(role)': grant that role what it needs"
    } else if error.message.hasPrefix("user mapping not found") {
      let role = try query("SELECT current_user::text").first?.string(0) ?? ""
      error.hint =
        "a foreign table is read as somebody whom the other server knows: CREATE USER MAPPING FOR "
        + "\(try SQL.identifier(role)) SERVER … OPTIONS (user '…')"
    }
    return error
  }

  /// Names of tables and views with their schemas; nil where there are too many to choose from.
  private func tableNames() throws(PostgresError) -> [String]? {
    let limit = 5000
    let rows = try query(
      """
      SELECT n.nspname || '.' || c.relname AS name
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_'
        AND n.nspname NOT IN ('information_schema', 'roost', 'roost_data')
      LIMIT $1
      """, [Parameter(limit + 1)])
    if rows.count > limit { return nil }
    var names: [String] = []
    for row in rows { names.append(try row.string("name")) }
    return names
  }
}
