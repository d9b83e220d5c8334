import PostgresClient

/// Asks about a SELECT in a transaction like that of the connection that will read it, as far as
/// Postgres goes before the first row. No row is read.
struct SelectTrial: Sendable {
  let select: String
  /// Whether policies may decide which rows are read.
  var acceptsRowSecurity = false
  /// Is told of locks that it waits for.
  var waiting: (@Sendable (String) -> Void)?

  /// - Throws: `PostgresError`: why a run could not read it.
  func columns(on connection: PostgresConnection) async throws(PostgresError)
    -> StatementDescription
  {
    do throws(PostgresError) {
      let description = try await connection.patiently { () throws(PostgresError) in
        try await connection.examine(select, acceptsRowSecurity: acceptsRowSecurity)
      } waiting: { error in
        let named = try? await connection.withHolders(error)
        waiting?(named?.hint ?? "what is to be read is locked by another session")
      }
      try refuseWriting(description.reading?.plan ?? "")
      return description
    } catch {
      if error.isLockTimeout { throw try await connection.withHolders(error) }
      throw error.kind == .statement ? try await connection.withRemedy(error) : error
    }
  }

  /// Sequences are changed by calling a function, which a transaction that only reads refuses with the
  /// first row.
  private func refuseWriting(_ plan: String) throws(PostgresError) {
    let calls =
      #/(?:^|[^.\w])(nextval|setval|lo_creat|lo_create|lo_from_bytea|lo_put|lo_unlink)\(/#
    let expressions = plan.replacing(#/'(?:[^']|'')*'/#, with: "''")
    guard let name = expressions.firstMatch(of: calls)?.1 else { return }
    var error = PostgresError(
      .statement, "\(name)() writes, and a source is only read", sqlState: "25006",
      hint: "leave it out, or let an sql stage call it")
    error.position = select.firstRange(of: name).map {
      select.unicodeScalars.distance(from: select.startIndex, to: $0.lowerBound)
    }
    throw error
  }
}

extension PostgresConnection {
  /// The error of a lock that was waited for in vain, with those who are in the way as its hint.
  public func withHolders(_ error: PostgresError) throws(PostgresError) -> PostgresError {
    let holders = try query(
      """
      SELECT format('%s.%s is locked by ', n.nspname, c.relname)
        || coalesce('pid ' || l.pid || coalesce(' of ' || a.usename, ''), 'a prepared transaction')
        AS holder
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
        AND l.pid IS DISTINCT FROM pg_backend_pid()
      ORDER BY a.xact_start, n.nspname, c.relname LIMIT 3
      """)
    var error = error
    var texts: [String] = []
    for row in holders { texts.append(try row.string("holder")) }
    if !texts.isEmpty { error.hint = texts.joined(separator: ", ") }
    return error
  }
}
