/// Quoting for where Postgres takes no parameters: COPY, DDL, comments, SET.
public enum SQL {
  /// A name as a quoted identifier: `"a""b"`.
  public static func identifier(_ name: String) throws(PostgresError) -> String {
    try rejectNUL(name, "a name")
    if name.isEmpty { throw PostgresError(.statement, "a name must not be empty") }
    return "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  /// A text as a string literal that means the same under any `standard_conforming_strings`.
  public static func literal(_ text: String) throws(PostgresError) -> String {
    try rejectNUL(text, "a text")
    let quoted = "'" + text.replacing("'", with: "''") + "'"
    return text.contains("\\") ? " E" + quoted.replacing("\\", with: "\\\\") : quoted
  }

  /// A SELECT in parentheses, to be selected from. The line breaks end a comment behind it.
  public static func subquery(_ select: String) -> String {
    "(\n" + StatementText.withoutTerminator(select) + "\n)"
  }

  private static func rejectNUL(_ text: String, _ what: String) throws(PostgresError) {
    if text.utf8.contains(0) {
      throw PostgresError(.statement, "\(what) for Postgres must not contain NUL")
    }
  }
}
