/// Opens the connections of a snapshot and locks what is read, so that nothing of it can have changed
/// since the snapshot in a way that snapshots do not hide.
///
/// The locks come after the snapshot: those of one stage can be let go before the others only where they
/// stand behind a savepoint, and a snapshot is imported before the first of these. What TRUNCATE, a
/// rewrite, a swapped table, a new definition or an attached partition did in between shows in the
/// catalog: what stands there under the locks must be what the snapshot sees.
struct SnapshotOpening: Sendable {
  let string: ConnectionString
  let options: ConnectionOptions
  let readings: [SourceReading]
  /// How many connections may read at once.
  let limit: Int

  /// A snapshot whose relations are locked.
  struct Opened: Sendable {
    var readers: [SnapshotReader]
    /// Looks after the locks from outside, where a further connection is allowed.
    var watch: LockWatch?
    /// Nil where no other connection can see the snapshot.
    var exported: SnapshotID?
    /// Why fewer connections read at once than was asked for.
    var fallback: PostgresError?
    /// What the catalog said of what is locked, in the snapshot and under the locks.
    var catalog = CatalogFacts()
    /// Stages whose SELECTs the server refuses.
    var refused: [String: PostgresError] = [:]

  }

  /// - Throws: `PostgresError`: of kind `.changed` where something changed meanwhile, and where a
  ///   relation is locked one that says by whom (`isLockTimeout`). Both may pass.
  func open() async throws(PostgresError) -> Opened {
    let all = await connections()
    do throws(PostgresError) {
      guard let first = all.connections.first else {
        throw all.problem ?? PostgresError(.cannotConnect, "no connection")
      }
      guard limit > 1 else { return try await alone(first, because: nil) }
      try await first.beginReading()
      let holder: SnapshotReader
      let exported: SnapshotID?
      do throws(PostgresError) {
        let found = try await first.snapshotFacts(exporting: true)
        (holder, exported) = (SnapshotReader(connection: first, facts: found.facts), found.exported)
      } catch {
        if error.kind != .statement { throw error }
        await all.close(but: 1)
        return try await alone(first, because: error)
      }
      var opened = Opened(readers: [holder], exported: exported, fallback: all.problem)
      guard !readings.isEmpty else { return opened }
      if let last = all.connections.last, all.connections.count > 1 {
        let server = holder.facts.server
        let begun = await Soon.result { () throws(PostgresError) in
          try await LockWatch.begin(last, on: server)
        }
        opened.watch = try begun?.get()
      }
      if opened.watch == nil {
        await all.close(but: 1)
        return try await alone(first, because: all.problem ?? noOther)
      }
      try await join(all.connections.dropFirst().dropLast(), &opened)
      try await lock(&opened)
      return opened
    } catch {
      await all.close()
      throw error
    }
  }

  private var noOther: PostgresError {
    PostgresError(
      .statement,
      "there is no second session on the same server: the address leads to several, or a pooler has no "
        + "more", location: string.location)
  }

  /// The readers that are needed at once, and one more connection; fewer where the server takes fewer.
  private func connections() async -> Connections {
    let count = readings.isEmpty || limit == 1 ? 1 : min(limit, readings.count) + 1
    return await withTaskGroup(of: Result<PostgresConnection, PostgresError>.self) { group in
      for _ in 0..<count {
        group.addTask {
          do throws(PostgresError) {
            return .success(try await .connect(to: string, options: options))
          } catch {
            return .failure(error)
          }
        }
      }
      var all = Connections()
      for await result in group {
        switch result {
        case .success(let connection): all.connections.append(connection)
        case .failure(let error): all.problem = all.problem ?? error
        }
      }
      return all
    }
  }

  private struct Connections: Sendable {
    var connections: [PostgresConnection] = []
    /// Why there are not more.
    var problem: PostgresError?

    /// Ends all but the first ones, whose transactions end: behind a pooler another may wait for just
    /// their session.
    func close(but kept: Int = 0) async {
      for connection in connections.prefix(kept) { await connection.rollback() }
      await PostgresConnection.closeSoon(connections.dropFirst(kept))
    }
  }

  /// Lets further connections see the snapshot.
  private func join(
    _ connections: ArraySlice<PostgresConnection>, _ opened: inout Opened
  ) async throws(PostgresError) {
    guard let exported = opened.exported, let facts = opened.readers.first?.facts else { return }
    // All at once: behind a pooler that has no more sessions each of them takes a while to say so.
    let joined = await withTaskGroup(of: (Int, Result<SnapshotReader, PostgresError>).self) {
      group in
      for (place, connection) in connections.enumerated() {
        group.addTask {
          (place, await SnapshotReader.joinSoon(connection, exported, like: facts))
        }
      }
      var joined: [(Int, Result<SnapshotReader, PostgresError>)] = []
      for await one in group { joined.append(one) }
      return joined.sorted { $0.0 < $1.0 }.map(\.1)
    }
    for result in joined {
      switch result {
      case .success(let reader): opened.readers.append(reader)
      case .failure(let error):
        if error.kind == .cancelled { throw error }
        opened.fallback = opened.fallback ?? error
      }
    }
  }

  // MARK: Locks

  /// Takes all locks, each stage's at its home, and makes sure that nothing changed since the snapshot.
  private func lock(_ opened: inout Opened) async throws(PostgresError) {
    guard let watch = opened.watch else { return }
    let homes = homes(opened.readers.count)
    let processes = opened.readers.map(\.facts.processIdentifier)
    let look = Task { await watch.blockers(of: processes, after: .milliseconds(40)) }
    defer { look.cancel() }
    typealias Locked = Result<(Int, SnapshotReader, [String: PostgresError]), PostgresError>
    let readers = opened.readers
    let results = await withTaskGroup(of: Locked.self) { group in
      for (place, reader) in readers.enumerated() {
        group.addTask {
          var reader = reader
          do throws(PostgresError) {
            let refused = try await reader.lock(homes[place])
            return .success((place, reader, refused))
          } catch {
            return .failure(error)
          }
        }
      }
      var results: [Locked] = []
      for await result in group { results.append(result) }
      return results
    }
    look.cancel()
    for result in results {
      if case .failure(let error) = result, error.isLockTimeout {
        throw error.blocked(by: await look.value)
      }
    }
    for result in results {
      let (place, reader, refused) = try result.get()
      opened.readers[place] = reader
      opened.refused.merge(refused) { first, _ in first }
    }
    let relations = opened.readers.reduce(into: Set<Int>()) { $0.formUnion($1.known) }
    guard let holder = opened.readers.first else { return }
    opened.catalog = try await holder.connection.catalog(of: relations)
    try opened.catalog.compare(
      with: try await watch.connection.catalog(of: relations), string.location)
  }

  /// What is to be locked at each connection: the largest first, because it is read longest and locks
  /// are let go from the last.
  func homes(_ count: Int) -> [[SourceReading]] {
    var homes = [[SourceReading]](repeating: [], count: count)
    let ordered = readings.enumerated().sorted {
      ($0.element.size, $1.offset) > ($1.element.size, $0.offset)
    }
    for (place, reading) in ordered.enumerated() { homes[place % count].append(reading.element) }
    return homes
  }
}

extension PostgresError {
  /// What was read, or was about to be, has changed.
  static func changed(_ what: String, _ location: String) -> PostgresError {
    PostgresError(
      .changed, "\(what) while it was read, in a way that no snapshot hides", location: location)
  }

  private static let unnamedBlocker = "what is to be read is locked by another session"

  /// Whether it says who has the lock that was not to be had.
  public var namesBlocker: Bool { isLockTimeout && message != Self.unnamedBlocker }

  /// The error of a lock that was not to be had, with who has it.
  fileprivate func blocked(by blockers: [String]) -> PostgresError {
    var error = self
    error.message =
      blockers.isEmpty ? Self.unnamedBlocker : blockers.joined(separator: "; ")
    error.hint = "end that session's transaction, or let the run begin when it is over"
    return error
  }
}
