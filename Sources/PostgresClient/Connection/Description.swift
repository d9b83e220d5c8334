import CLibpq

extension Session {
  /// Has the server parse a statement and say what it takes and returns, without running it. Both are
  /// asked at once: between two questions a pooler may lend the session to somebody who prepares
  /// something else. (libpq, "Pipeline Mode"; since version 14.)
  func described(_ statement: String) throws(PostgresError) -> StatementResult {
    guard PQenterPipelineMode(handle) == 1 else { throw failure() }
    defer { PQexitPipelineMode(handle) }
    return try run(
      content: .text,
      taking: { (session) throws(PostgresError) in try session.pipelineResult() },
      { handle in
        guard PQsendPrepare(handle, "", statement, 0, nil) == 1,
          PQsendDescribePrepared(handle, "") == 1
        else { return 0 }
        return PQpipelineSync(handle)
      })
  }

  /// The last result before the end of a pipeline: throws the first error, after all were taken.
  private func pipelineResult() throws(PostgresError) -> StatementResult {
    var last: StatementResult?
    var error: PostgresError?
    var pauses = 0
    // A pause ends the results of each statement; a broken connection ends in nothing else.
    while pauses < 3 {
      guard let result = nextResult() else {
        pauses += 1
        continue
      }
      switch result.status {
      case PGRES_PIPELINE_SYNC: pauses = 3
      case PGRES_PIPELINE_ABORTED: break
      case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
        error = error ?? self.error(of: result)
      default: last = result
      }
    }
    if PQstatus(handle) == CONNECTION_BAD { error?.kind = .connectionLost }
    if let error { throw error }
    guard let last else { throw failure() }
    return last
  }
}
