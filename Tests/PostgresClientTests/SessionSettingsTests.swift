import PostgresClient
import TestSupport
import Testing

/// What a role, a database or a connection string sets, and what Roost's sessions make of it.
@Suite struct SessionSettingsTests {
  /// Settings of a database that would change what is read, or end a session that waits on purpose.
  private static let hostile = [
    "DateStyle": "SQL, DMY", "IntervalStyle": "iso_8601", "TimeZone": "Asia/Tokyo",
    "extra_float_digits": "-3", "bytea_output": "escape", "xmloption": "document",
    "quote_all_identifiers": "on", "standard_conforming_strings": "off", "backslash_quote": "off",
    "array_nulls": "off", "transform_null_equals": "on", "gin_fuzzy_search_limit": "5",
    "default_transaction_isolation": "serializable", "default_transaction_deferrable": "on",
    "lock_timeout": "1ms", "idle_in_transaction_session_timeout": "1ms",
    "idle_session_timeout": "20s",
  ]

  /// Texts that those settings change.
  private static let telling = """
    SELECT concat_ws(' ', '2026-04-03'::date, interval '1 day', now()::text ~ '[+]00$',
      0.1::float8 + 0.2, '\\x41'::bytea, format_type('int4'::regtype, NULL), quote_ident('a'), 'a\\b',
      '{1,NULL}'::int[], (NULL = NULL)::text, current_setting('idle_session_timeout'),
      current_setting('transaction_isolation'))
    """

  private func told(
    by database: TestDatabase, _ url: String, _ scope: ConnectionOptions.Scope
  ) async throws -> String {
    let session = try await PostgresConnection.connect(
      to: ConnectionString(url), options: ConnectionOptions(scope: scope))
    let told = try await session.transaction { try $0.query(Self.telling)[0].string(0) }
    await session.close()
    return told
  }

  @Test(arguments: [ConnectionOptions.Scope.session, .transaction])
  func `statements mean the same whatever a database sets`(_ scope: ConnectionOptions.Scope)
    async throws
  {
    try await withDatabase { database in
      let before = try await told(by: database, database.url, scope)
      #expect(before.hasSuffix(" read committed"), "\(before)")
      for (name, value) in Self.hostile {
        try await database.connection.execute(
          "ALTER DATABASE \(database.name) SET \(name) TO '\(value)'")
      }
      #expect(try await told(by: database, database.url, scope) == before)
      let options = "&options=-c%20DateStyle%3DGerman%20-c%20bytea_output%3Descape"
      #expect(try await told(by: database, database.url + options, scope) == before)
    }
  }

  @Test func `a transaction's settings do not outlive it`() async throws {
    try await withDatabase { database in
      let session = try await database.connect(
        options: ConnectionOptions(settings: ["lock_timeout": "3s"], scope: .transaction))
      func waits() async throws -> String {
        try await session.query("SHOW lock_timeout")[0].string(0)
      }
      let within = try await session.transaction {
        try $0.query("SHOW lock_timeout")[0].string(0)
      }
      #expect(within == "3s")
      #expect(try await waits() == "0")
      try await session.keepSettings()
      #expect(try await waits() == "3s")
      await session.close()
    }
  }

  @Test func `a bound on statements stays, and so does where names are looked for`() async throws {
    try await withDatabase { database in
      for setting in ["statement_timeout TO '7s'", "search_path TO information_schema"] {
        try await database.connection.execute("ALTER DATABASE \(database.name) SET \(setting)")
      }
      let session = try await database.connect()
      #expect(try await session.query("SHOW statement_timeout")[0].string(0) == "7s")
      #expect(try await session.query("SHOW search_path")[0].string(0) == "information_schema")
      await session.close()
    }
  }

  @Test func `the server notices that a client is gone in the middle of a query`() async throws {
    try await withDatabase { database in
      let session = try await database.connect()
      #expect(
        try await session.query("SHOW client_connection_check_interval")[0].string(0) == "2s")
      await session.close()
    }
  }
}
