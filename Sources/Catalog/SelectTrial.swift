import PipelineFiles
import PostgresClient

/// Asks about a SELECT in a transaction like that of the connection that will read it, as far as
/// Postgres goes before the first row. No row is read.
struct SelectTrial: Sendable {
  let select: String
  /// The same with something for the as-of that is no constant; nil where there is no as-of in it.
  var dated: String?
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
        try await connection.examine(
          select, dated: dated, acceptsRowSecurity: acceptsRowSecurity)
      } waiting: { error in
        let named = try? await connection.withHolders(error, of: select)
        waiting?(named?.hint ?? "what is to be read is locked by another session")
      }
      try refuseWriting(description.reading?.plan ?? "")
      return description
    } catch {
      if error.isLockTimeout { throw try await connection.withHolders(error, of: select) }
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
