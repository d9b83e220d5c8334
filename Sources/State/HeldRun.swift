import Frames
import PipelineFiles
import PostgresClient

/// A run that waits for a person's word, under the lock of its as-of and with a token of its own.
package struct HeldRun: Sendable {
  package let session: RunSession
  package let pipeline: String
  package let environment: String
  package let zone: CalendarZone
  /// What was kept with it when it was held; nil where that cannot be read.
  package let kept: JSONValue?

  /// Takes it over.
  /// - Throws: `RunError.noRun`, `RunError.locked`, `RunError.notHeld`.
  package static func take(_ run: Int, on connection: PostgresConnection) async throws -> HeldRun {
    let row = try await self.row(of: run, on: connection)
    let lock = RunLock(
      pipeline: try row.string("pipeline"), environment: try row.string("environment"),
      asOf: try row.instant("as_of"))
    let zone = CalendarZone(named: try row.string("zone")) ?? .utc
    guard try await lock.take(on: connection) else {
      throw RunError.locked(
        pipeline: lock.pipeline, asOf: lock.asOf.shortText(in: zone), run: nil)
    }
    // Whoever held the lock before may have settled it.
    let tokens = try await connection.query(
      """
      UPDATE roost.runs SET token = token + 1 WHERE run_id = $1 AND state = 'held'
      RETURNING token, attempt, held, started_at
      """, [Parameter(run)])
    guard let taken = tokens.first else {
      let now = try await self.row(of: run, on: connection)
      throw RunError.notHeld(
        run, state: try now.string("state"), error: try now.optionalString("error"))
    }
    return HeldRun(
      session: RunSession(
        connection: connection, run: run, token: try taken.int("token"),
        attempt: try taken.int("attempt"), asOf: lock.asOf,
        began: try taken.instant("started_at")),
      pipeline: lock.pipeline, environment: lock.environment, zone: zone,
      kept: try taken.optionalString("held").flatMap { JSONValue(parsing: $0) })
  }

  private static func row(of run: Int, on connection: PostgresConnection) async throws -> Row {
    let rows = try await connection.query(
      """
      SELECT pipeline, environment, as_of, zone, state, error FROM roost.runs WHERE run_id = $1
      """, [Parameter(run)])
    guard let row = rows.first else { throw RunError.noRun(run) }
    return row
  }
}

extension RunSession {
  /// Lets the run wait for a person.
  /// - Parameter kept: what its publication needs beside the rows that it loaded.
  package func hold(_ kept: JSONValue, because objections: [String]) async throws {
    let (session, text) = (self, kept.text)
    try await connection.transaction { database in
      try session.move(.hold, error: objections.joined(separator: "; "), in: database)
      try database.execute(
        "UPDATE roost.runs SET held = $2::jsonb WHERE run_id = $1",
        [Parameter(session.run), .text(text)])
      try session.letGoOfOthers(database)
    }
  }

  /// Ends the held run as a person has decided.
  package func reject(by person: String) async throws {
    let session = self
    try await connection.transaction { database in
      try session.move(.reject, error: "\(person) let it go", in: database)
      try database.execute(
        "UPDATE roost.runs SET held = NULL WHERE run_id = $1", [Parameter(session.run)])
      try database.execute(
        "UPDATE roost.stages SET state = 'cancelled' WHERE run_id = $1 AND state = 'waiting'",
        [Parameter(session.run)])
      try Decision.record(.cancel, run: session.run, by: person, database)
    }
  }

  /// Asks a run that is under way to end.
  /// - Returns: whether it is.
  package static func askToEnd(_ run: Int, on connection: PostgresConnection) async throws -> Bool {
    try await RunLock.settleLost(on: connection)
    return try await connection.execute(
      """
      UPDATE roost.runs SET cancel_requested_at = clock_timestamp()
      WHERE run_id = $1 AND state = 'running'
      """, [Parameter(run)]) > 0
  }
}
