/// The settings under which a statement means the same and reads the same whatever a role, a
/// database, a connection string or PGOPTIONS says, and under which a session that waits on purpose
/// is not ended for it.
///
/// Left as they are found: `search_path` and the locales, which SELECTs may rely upon;
/// `statement_timeout`, with which a database's owner bounds what is asked of it;
/// `default_transaction_read_only`; and what is only about speed.
struct SessionSettings: Sendable {
  private var values: [(String, String)]
  /// Refused where the server's platform cannot do it.
  private var platforms: [(String, String)]

  /// - Parameters:
  ///   - version: the server's, as `150004`.
  ///   - own: those of one connection, which come last.
  ///   - keepalives: by which the server notices that this side is gone.
  init(
    version: Int, own: [String: String], keepalives: [(String, String)] = []
  ) {
    values = Self.meaning + Self.waiting + keepalives
    if version >= 140_000 { values.append(("idle_session_timeout", "0")) }
    if version >= 170_000 { values.append(("transaction_timeout", "0")) }
    values += own.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    platforms = version >= 140_000 ? [("client_connection_check_interval", "2s")] : []
  }

  /// How literals are read and values are written, and that all rows are found, from a table's start on
  /// however many scan it.
  private static let meaning = [
    ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("TimeZone", "UTC"),
    ("extra_float_digits", "1"), ("bytea_output", "hex"), ("xmlbinary", "base64"),
    ("xmloption", "content"), ("quote_all_identifiers", "off"),
    ("standard_conforming_strings", "on"), ("backslash_quote", "safe_encoding"),
    ("array_nulls", "on"), ("transform_null_equals", "off"), ("check_function_bodies", "on"),
    ("default_transaction_isolation", "read committed"), ("default_transaction_deferrable", "off"),
    ("gin_fuzzy_search_limit", "0"), ("synchronize_seqscans", "off"),
    ("client_min_messages", "warning"),
  ]

  private static let waiting = [
    ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"),
  ]

  /// One statement for each, `SET` or `SET LOCAL`.
  func statements(_ verb: String) throws(PostgresError) -> String {
    var statements = ""
    for (name, value) in values + platforms {
      statements += "\(verb) \(try SQL.identifier(name)) TO \(try SQL.literal(value));"
    }
    return statements
  }

  /// Goes on without what the platform cannot do.
  /// - Returns: whether there was any.
  mutating func forgetPlatforms() -> Bool {
    defer { platforms = [] }
    return !platforms.isEmpty
  }
}
