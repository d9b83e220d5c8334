/// A connection that sees a snapshot, and the stages whose locks it holds.
struct SnapshotReader: Sendable {
  /// The locks of a stage, taken behind a savepoint.
  struct Held: Sendable {
    /// Nil for what is held for all of them.
    let stage: String?
    let savepoint: String
    /// What was locked for this stage, or is known to be read by it.
    let relations: [LockedRelation]
    /// All that was locked by then, of which the stage may read whatever it likes.
    let all: [LockedRelation]
  }

  let connection: PostgresConnection
  let facts: SnapshotFacts
  /// In the order in which the locks were taken: they can be let go from the last only.
  var held: [Held] = []

  /// Relations that it has locked for stages.
  var known: Set<Int> { Set(held.flatMap(\.relations).map(\.oid)) }

  /// Opens a transaction that sees what another sees.
  /// - Throws: `PostgresError`, also where this connection would see anything else: a snapshot of the
  ///   same name on another server, or the same names in another schema.
  static func join(
    _ connection: PostgresConnection, _ snapshot: SnapshotID, like other: SnapshotFacts
  ) async throws(PostgresError) -> SnapshotReader {
    try await connection.beginReading(snapshot)
    let facts = try await connection.snapshotFacts().facts
    if facts.server != other.server {
      throw PostgresError(
        .statement, "the address leads to several servers, which cannot share a snapshot",
        location: connection.location)
    }
    if facts.view != other.view {
      throw PostgresError(
        .statement, "connections differ in their role, their search path or what they see",
        location: connection.location)
    }
    return SnapshotReader(connection: connection, facts: facts)
  }

  /// The same, but not for long: behind a pooler without a free session, it takes as long as others like.
  /// A connection that does not come to see the snapshot is closed.
  static func joinSoon(
    _ connection: PostgresConnection, _ snapshot: SnapshotID, like other: SnapshotFacts
  ) async -> Result<SnapshotReader, PostgresError> {
    let joined = await Soon.result { () throws(PostgresError) in
      try await join(connection, snapshot, like: other)
    }
    if let joined, case .success = joined { return joined }
    // It may still wait for its turn.
    connection.cancel()
    Task { await connection.close() }
    return joined
      ?? .failure(
        PostgresError(
          .statement, "a further session did not begin a transaction within \(Soon.seconds) s",
          location: connection.location))
  }

  /// Locks what stages read, each behind a savepoint of its own.
  /// - Returns: why the SELECTs of some are refused, whatever is locked.
  /// - Throws: `PostgresError` where a lock is not to be had, or the connection breaks.
  mutating func lock(
    _ readings: [SourceReading]
  ) async throws(PostgresError) -> [String: PostgresError] {
    var refused: [String: PostgresError] = [:]
    for (place, reading) in readings.enumerated() {
      let savepoint = "stage_\(place)"
      let accepts = reading.acceptsRowSecurity
      var script = "SAVEPOINT \(savepoint); \(Self.briefly)"
      if accepts { script += "; SET LOCAL row_security TO on" }
      // Planning a SELECT locks all that it may read: views and what is behind them, partitions,
      // materialized and foreign tables, which LOCK does not take.
      for select in reading.selects {
        script += ";\nEXPLAIN (COSTS OFF) " + StatementText.withoutTerminator(select) + "\n"
      }
      if accepts { script += "; SET LOCAL row_security TO off" }
      do throws(PostgresError) {
        let all = try await connection.lockedRelations(after: script)
        let before = known
        if let error = try await unprotected(reading, all, before) { throw error }
        held.append(
          Held(
            stage: reading.name, savepoint: savepoint,
            relations: all.filter {
              !before.contains($0.oid) || reading.relations.contains($0.oid)
            }, all: all))
      } catch {
        if error.kind != .statement || error.mayPass { throw error }
        try await connection.letGo(since: savepoint)
        refused[reading.name] = error
      }
    }
    return refused
  }

  /// Why a stage is refused that has come to read what no snapshot holds for since it was planned.
  private func unprotected(
    _ reading: SourceReading, _ all: [LockedRelation], _ before: Set<Int>
  ) async throws(PostgresError) -> PostgresError? {
    guard let expected = reading.unprotected else { return nil }
    for relation in all {
      guard let name = relation.withoutSnapshot, !expected.contains(name) else { continue }
      // What an earlier stage has locked is locked already.
      var isRead = !before.contains(relation.oid)
      for select in reading.selects where !isRead {
        isRead = try await connection.relations(inPlanOf: select).contains(relation.name)
      }
      if isRead {
        return PostgresError(
          .statement,
          "\(name), has become a part of what is read since the run was planned, "
            + "and no snapshot holds for it", hint: "roost check says what it needs",
          location: connection.location)
      }
    }
    return nil
  }

  /// While others are held or others wait.
  static let briefly = "SET LOCAL lock_timeout TO '\(ConnectionOptions.briefWait)'"
}

extension PostgresError {
  /// Whether the state of the server is the cause, rather than the statement.
  var mayPass: Bool {
    isLockTimeout || ["08", "40", "53", "57", "58"].contains(sqlState?.prefix(2) ?? "")
  }
}
