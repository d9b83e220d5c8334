import Frames
import PipelineFiles
import PostgresClient
import State

/// Removes rows that no pointer shows any more, without a lock that a reader would wait for.
struct Housekeeping: Sendable {
  let connection: PostgresConnection

  private var forgotten: ForgottenRows { ForgottenRows(connection: connection) }

  /// Drops what an attempt at a run loaded and will not publish.
  func discard(_ tables: [QualifiedName]) async throws {
    let names = Parameter.texts(tables.map(\.description))
    let isPublished = "EXISTS (SELECT FROM roost.publications p WHERE p.rows_in = t.name)"
    for table in try await RowTable.all(
      where: "t.name = ANY ($1) AND NOT \(isPublished)", [names], on: connection)
    {
      let name = table.name
      try await connection.transaction { database in
        try database.execute("SET LOCAL lock_timeout = '5s'")
        try RowTable.drop(name, database)
      }
    }
  }

  /// Drops the tables of runs that are over and published nothing in them: of those that were killed,
  /// of attempts that others follow, and of publications that were forgotten while a reader stood in
  /// the way. Lets tables refuse changes that do not yet.
  func sweep() async throws {
    let isForgotten = "EXISTS (SELECT FROM roost.forgotten f WHERE f.rows_in = t.name)"
    for table in try await RowTable.all(
      where: "NOT \(isForgotten) AND \(RowTable.isOver)", on: connection)
    {
      try await table.dropIfOver(on: connection)
    }
    try await dropForgotten()
    try await RowKeeping.complete(on: connection)
  }

  /// Drops the rows of publications that were forgotten, as soon as nobody can see them any more.
  /// - Returns: how many have to stay until older transactions have ended.
  @discardableResult
  func dropForgotten() async throws -> Int { try await forgotten.drop() }

  /// Forgets publications whose as-of lies longer than `keep` before the newest one, except the current
  /// one and that of `run`. An as-of that is still to come does not count, for by a slip it may be years
  /// ahead.
  func prune(
    _ layout: TargetLayout, keep: Span, zone: CalendarZone, after run: Int
  ) async throws {
    let newest = try await connection.query(
      "SELECT max(as_of) AS as_of FROM roost.publications WHERE target = $1 AND as_of <= now()",
      [.text(layout.target)])
    guard let instant = try newest.first?.optionalInstant("as_of") else { return }
    try await forgotten.forget(
      layout.target, where: "as_of < $2 AND run_id <> $3",
      [.instant(zone.instant(instant, minus: keep)), Parameter(run)])
  }

  /// Forgets what is no longer kept of some tables, now that a run's rows are shown, and drops what nobody
  /// can see any more.
  /// - Parameter tell: is called with what has to stay, and with what went before its time.
  func prune(
    _ tables: [LoadedTable], zone: CalendarZone, after session: RunSession,
    tell: (String) -> Void
  ) async {
    for table in tables where table.layout.table.mode.isRoosts {
      do {
        if let keep = table.layout.table.keep {
          try await prune(table.layout, keep: keep, zone: zone, after: session.run)
        }
        let note = try await SupersededPublications(connection: connection)
          .forget(table.layout.target)
        if let note {
          tell(note)
          try await connection.transaction {
            try session.add(note: note, warnings: [], to: table.stage, $0)
          }
        }
      } catch {
        tell("old publications of \(table.layout.target) stay for now: \(error)")
      }
    }
    do {
      let left = try await dropForgotten()
      if left > 0 {
        tell(
          "\(left == 1 ? "an old publication stays" : "\(left) old publications stay") until "
            + "transactions that may still see what went have ended")
      }
    } catch {
      tell("rows of old publications stay for now: \(error)")
    }
  }
}
