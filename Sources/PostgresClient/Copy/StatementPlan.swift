extension PostgresConnection {
  /// Postgres's plan for a statement, as JSON. It is not run; but constants are worked out, and Postgres
  /// looks at the privileges that it needs and at the index behind ON CONFLICT.
  /// - Parameter costs: whether to tell how much Postgres expects to read.
  @discardableResult
  public func plan(of statement: String, costs: Bool = false) throws(PostgresError) -> String {
    let prefix = "EXPLAIN (VERBOSE, \(costs ? "" : "COSTS OFF, ")FORMAT JSON) "
    do {
      return try query(overRows: prefix + StatementText.withoutTerminator(statement))
        .first?.string(0) ?? ""
    } catch {
      throw error.shifted(by: prefix)
    }
  }

  /// Begins to run a SELECT in the open transaction, without a row. Postgres looks only here whether a
  /// materialized view was filled, who may ask a foreign server, and whether that answers.
  func open(_ select: String) throws(PostgresError) {
    let prefix = "DECLARE opened NO SCROLL CURSOR FOR\n"
    do {
      try execute(overRows: prefix + select)
    } catch {
      throw error.shifted(by: prefix)
    }
  }
}

extension PostgresError {
  /// The error of a statement behind which something was put.
  fileprivate func shifted(by prefix: String) -> PostgresError {
    var error = self
    error.position = position.map { $0 - prefix.unicodeScalars.count }
    return error
  }
}
