/// A snapshot that one connection reads, where there can be no other or none is wanted.
extension SnapshotOpening {
  /// One connection for everything. What it sees under its locks is compared with what was there before
  /// its snapshot, since there is no other that could look.
  func alone(
    _ connection: PostgresConnection, because fallback: PostgresError?
  ) async throws(PostgresError) -> Opened {
    await connection.rollback()
    let homes = homes(1)[0]
    var before = CatalogFacts()
    var views: [LockedRelation] = []
    if !homes.isEmpty {
      try await connection.beginReading(isolation: .readCommitted)
      var reader = SnapshotReader(
        connection: connection, facts: try await connection.snapshotFacts().facts)
      _ = try await reader.lock(homes)
      before = try await connection.catalog(of: reader.known)
      views = reader.held.flatMap(\.relations).filter { $0.kind == "view" }
      await connection.rollback()
    }
    try await connection.beginReading()
    let beforeAll = try await connection.lockFirst(views)
    var reader = SnapshotReader(
      connection: connection, facts: try await connection.snapshotFacts().facts,
      held: beforeAll.map { [$0] } ?? [])
    let refused = try await reader.lock(homes)
    if homes.isEmpty { return Opened(readers: [reader], fallback: fallback) }
    let seen = try await connection.catalog(of: reader.known)
    try seen.compare(with: before, string.location)
    try await connection.verifyCatalog(of: reader.known)
    return Opened(readers: [reader], fallback: fallback, catalog: seen, refused: refused)
  }
}

extension PostgresConnection {
  /// Locks views, and with them what is behind them, in a transaction that has no snapshot yet: LOCK takes
  /// none. A view's new definition counts at once, and a transaction cannot see that it is not the one of
  /// its snapshot; so none may come between.
  /// - Returns: what is to be let go when everything is read; nil where nothing was locked.
  fileprivate func lockFirst(
    _ views: [LockedRelation]
  ) throws(PostgresError) -> SnapshotReader.Held? {
    guard !views.isEmpty else { return nil }
    let all = "views"
    try execute(script: "SAVEPOINT \(all); \(SnapshotReader.briefly)")
    for view in views {
      do throws(PostgresError) {
        try execute(
          script:
            "SAVEPOINT one; LOCK TABLE \(view.name) IN ACCESS SHARE MODE; RELEASE SAVEPOINT one")
      } catch {
        // One that stands behind another need not be readable by itself, and is locked with that.
        if error.kind != .statement || error.mayPass { throw error }
        try letGo(since: "one")
      }
    }
    return SnapshotReader.Held(stage: nil, savepoint: all, relations: [], all: [])
  }
}
