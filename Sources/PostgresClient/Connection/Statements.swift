import CLibpq
import Glibc

extension PostgresConnection {
  /// Runs one statement and returns its rows. Parameters stand in it as `$1`, `$2`, …
  @discardableResult
  public func query(
    _ sql: String, _ parameters: [Parameter] = []
  ) throws(PostgresError) -> [Row] {
    Row.rows(of: try run(sql, parameters))
  }

  /// Runs one statement in which a SELECT of somebody else's stands, over rows: what an error's message
  /// may quote of them is withheld.
  public func query(overRows sql: String) throws(PostgresError) -> [Row] {
    Row.rows(of: try run(sql, content: .rows))
  }

  /// Runs one statement and returns the number of rows that it affected (or returned).
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [Parameter] = []
  ) throws(PostgresError) -> Int {
    try run(sql, parameters).affectedRows
  }

  /// Runs one statement that somebody else wrote, over rows: what an error's message may quote of them
  /// is withheld. Returns the number of rows that it affected or returned.
  @discardableResult
  public func execute(overRows sql: String) throws(PostgresError) -> Int {
    try run(sql, content: .rows).affectedRows
  }

  /// Runs any number of statements, separated by semicolons, in one implicit transaction unless
  /// they say otherwise. They must not COPY.
  public func execute(script: String) throws(PostgresError) {
    try rejectNUL(script)
    let session = try openSession()
    let result = try session.run { PQsendQuery($0, script) }
    try session.refuseCopy(result)
  }

  /// Runs statements, separated by semicolons, and returns the rows of the last. They must not COPY.
  func query(script: String) throws(PostgresError) -> [Row] {
    try rejectNUL(script)
    let session = try openSession()
    let result = try session.run { PQsendQuery($0, script) }
    try session.refuseCopy(result)
    return Row.rows(of: result)
  }

  /// Runs statements, separated by semicolons, in one round trip, and returns the rows of each. They must
  /// not COPY.
  func queries(script: String) throws(PostgresError) -> [[Row]] {
    try rejectNUL(script)
    let session = try openSession()
    var all: [[Row]] = []
    _ = try session.run(
      taking: { (session) throws(PostgresError) in
        try session.results { all.append(Row.rows(of: $0)) }
      },
      { PQsendQuery($0, script) })
    return all
  }

  /// Runs one statement.
  /// - Parameter interruptible: false for what must be done although the task is cancelled.
  @discardableResult
  func run(
    _ sql: String, _ parameters: [Parameter] = [], interruptible: Bool = true,
    content: MessageContent = .names
  ) throws(PostgresError) -> StatementResult {
    let texts = parameters.map(\.text)
    try rejectNUL(sql)
    for text in texts { try rejectNUL(text ?? "") }
    let session = try openSession()
    let result = try session.run(interruptible: interruptible, content: content) { handle in
      CStrings.with(texts) { values in
        PQsendQueryParams(handle, sql, Int32(texts.count), nil, values, nil, nil, 0)
      }
    }
    try session.refuseCopy(result)
    return result
  }

  private func rejectNUL(_ text: String) throws(PostgresError) {
    if text.utf8.contains(0) {
      throw PostgresError(
        .statement, "a text for Postgres must not contain NUL", location: location)
    }
  }
}

extension Session {
  /// Ends a COPY that a statement has started which is no COPY of ours.
  func refuseCopy(_ result: StatementResult) throws(PostgresError) {
    switch result.status {
    case PGRES_COPY_IN: _ = PQputCopyEnd(handle, "not supported here")
    case PGRES_COPY_OUT:
      cancelStatement()
      skipCopyData()
    default: return
    }
    try? flush()
    _ = try? results()
    throw PostgresError(.statement, "COPY FROM STDIN and TO STDOUT are not for scripts")
  }

  /// Reads a COPY to its end.
  func skipCopyData() {
    var data: UnsafeMutablePointer<CChar>?
    while true {
      let size = PQgetCopyData(handle, &data, 1)
      if size < 0 { return }
      PQfreemem(data)
      if size == 0 {
        waitForSocket(POLLIN)
        if PQconsumeInput(handle) == 0 { return }
      }
    }
  }
}
