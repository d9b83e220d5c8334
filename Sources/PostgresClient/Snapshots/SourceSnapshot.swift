import Frames

/// One state of a database, read by several connections at once. A transaction is held open until
/// `release()`, so that the state stays.
///
/// Where the snapshot cannot be shared, as behind a pooler that leads to several servers, everything
/// is read over the first connection, one reader after the other.
public actor SourceSnapshot {
  /// The source's clock when the snapshot was taken.
  public nonisolated let instant: Instant
  /// Host, port and database, for messages.
  public nonisolated let location: String
  /// Why readers wait for one another more than was asked for; nil as long as none had to.
  public private(set) var fallback: PostgresError?

  private let string: ConnectionString
  private let options: ConnectionOptions
  private let id: SnapshotID?
  /// The connections that are not in use; the one that holds the snapshot is the first to be used.
  private var idle: [PostgresConnection]
  private var opened: [PostgresConnection]
  private var openedOrOpening = 1
  private var limit: Int
  private var waiting: [CheckedContinuation<PostgresConnection?, Never>] = []
  private var isReleased = false

  /// How many readers can read at once.
  var readerLimit: Int { limit }

  /// Whether all readers asked for can read at once.
  public var isShared: Bool { fallback == nil }

  /// Takes a snapshot.
  /// - Parameter readers: how many connections may read it at once, at least 1.
  /// - Throws: `PostgresError`.
  public static func open(
    _ string: ConnectionString, readers: Int, options: ConnectionOptions = ConnectionOptions()
  ) async throws(PostgresError) -> SourceSnapshot {
    let holder = try await PostgresConnection.connect(to: string, options: options)
    let facts = try await holder.holdSnapshot()
    return SourceSnapshot(
      holder: holder, facts, string: string, options: options, limit: max(1, readers))
  }

  private init(
    holder: PostgresConnection, _ facts: HeldSnapshot, string: ConnectionString,
    options: ConnectionOptions, limit: Int
  ) {
    instant = facts.instant
    location = holder.location
    id = facts.id
    fallback = facts.problem
    self.string = string
    self.options = options
    self.limit = facts.id == nil ? 1 : limit
    idle = [holder]
    opened = [holder]
  }

  /// Lends a connection whose transaction sees the snapshot. It must be used for reading only, must
  /// not be kept, and its transaction must be left open; when all are in use the call waits.
  /// - Throws: what `body` throws, and `PostgresError`.
  public func withReader<Value: Sendable>(
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    let reader = try await take()
    do {
      try await reader.beginUse()
    } catch {
      give(back: reader)
      throw error
    }
    do {
      let value = try await body(reader)
      try await reader.endUse()
      give(back: reader)
      return value
    } catch {
      try? await reader.endUse()
      give(back: reader)
      throw error
    }
  }

  /// Ends all transactions and connections. Readers that wait get an error.
  public func release() async {
    isReleased = true
    for waiter in waiting { waiter.resume(returning: nil) }
    waiting = []
    let all = opened
    opened = []
    idle = []
    for connection in all { await connection.close() }
  }

  private func take() async throws -> PostgresConnection {
    while !isReleased {
      if Task.isCancelled { throw PostgresError.cancelled(location: location) }
      if let reader = idle.popLast() { return reader }
      if openedOrOpening < limit, let reader = try await openReader() { return reader }
      if let reader = idle.popLast() { return reader }
      if isReleased { break }
      if let reader = await withCheckedContinuation({ waiting.append($0) }) { return reader }
    }
    throw PostgresError(.connectionLost, "the snapshot was released", location: location)
  }

  /// A further reader; nil where there can be none, and the open ones have to do.
  private func openReader() async throws -> PostgresConnection? {
    openedOrOpening += 1
    do {
      let reader = try await PostgresConnection.connect(to: string, options: options)
      try await reader.beginReading(id)
      if isReleased { return nil }
      opened.append(reader)
      return reader
    } catch {
      openedOrOpening -= 1
      if error.kind == .cancelled { throw error }
      fallback = fallback ?? error
      limit = max(1, openedOrOpening)
      return nil
    }
  }

  private func give(back reader: PostgresConnection) {
    if isReleased { return }
    if waiting.isEmpty {
      idle.append(reader)
    } else {
      waiting.removeFirst().resume(returning: reader)
    }
  }
}

/// What a holder knows of its snapshot.
private struct HeldSnapshot: Sendable {
  let instant: Instant
  /// Nil where the server does not export snapshots, and why.
  let id: SnapshotID?
  let problem: PostgresError?
}

extension PostgresConnection {
  /// Opens the transaction that holds a snapshot and exports it; where the server refuses that, opens
  /// another one for itself.
  fileprivate func holdSnapshot() throws(PostgresError) -> HeldSnapshot {
    try beginReading(nil)
    let instant = try clock()
    do {
      return HeldSnapshot(instant: instant, id: try exportSnapshot(), problem: nil)
    } catch {
      if error.kind != .statement { throw error }
      rollback()
      try beginReading(nil)
      return HeldSnapshot(instant: try clock(), id: nil, problem: error)
    }
  }

  private func clock() throws(PostgresError) -> Instant {
    guard let row = try query("SELECT now() AS instant").first else {
      throw PostgresError(.statement, "the server does not tell the time", location: location)
    }
    return try row.instant("instant")
  }
}
