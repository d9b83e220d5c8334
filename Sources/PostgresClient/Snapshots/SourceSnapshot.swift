import Frames

/// One state of a database, read by several connections at once. A transaction is held open until
/// `release()`, so that the state stays, and what stages read stays locked until they have read it: not
/// even TRUNCATE, ALTER TABLE or DROP change anything before.
///
/// Where the snapshot cannot be shared, as behind a pooler that leads to several servers, everything
/// is read over the first connection, one reader after the other.
public actor SourceSnapshot {
  /// The instant of which the source is seen: its clock when the snapshot was taken; on a standby when
  /// the last transaction was committed that it had replayed.
  public nonisolated let instant: Instant
  /// What else is to be said of the instant: nil on a primary.
  public nonisolated let standby: StandbyFacts?
  /// Host, port and database, for messages.
  public nonisolated let location: String
  /// Why readers wait for one another more than was asked for; nil as long as none had to.
  public internal(set) var fallback: PostgresError?

  let string: ConnectionString
  private let options: ConnectionOptions
  private let exported: SnapshotID?
  /// The connections, the one whose snapshot all see first.
  var readers: [SnapshotReader]
  var stages: [String: SnapshotStage]
  let watch: LockWatch?
  /// What the catalog said of what is locked.
  let catalog: CatalogFacts
  private var lending: ReaderLending
  private var openedOrOpening: Int
  private var limit: Int
  private var isReleased = false
  private var watching: Task<Void, Never>?

  /// How many readers can read at once.
  var readerLimit: Int { limit }

  /// Whether all readers asked for can read at once.
  public var isShared: Bool { fallback == nil }

  /// Takes a snapshot, and locks what is read of it.
  /// - Parameters:
  ///   - readings: what is read, by stage. What else is read is not locked.
  ///   - readers: how many connections may read it at once, at least 1. Where there are several, one
  ///     more looks after the locks.
  ///   - onEvent: told what is noticed while the snapshot is read.
  /// - Throws: `PostgresError`; of kind `.changed` or with `isLockTimeout`, soon, where another try may
  ///   succeed.
  public static func open(
    _ string: ConnectionString, readings: [SourceReading] = [], readers: Int,
    options: ConnectionOptions = ConnectionOptions(),
    onEvent: @escaping @Sendable (SnapshotEvent) -> Void = { _ in }
  ) async throws(PostgresError) -> SourceSnapshot {
    var options = options
    options.scope = .transaction
    let opened = try await SnapshotOpening(
      string: string, options: options, readings: readings, limit: max(1, readers)
    ).open()
    guard let holder = opened.readers.first else {
      throw PostgresError(.cannotConnect, "no connection", location: string.location)
    }
    let snapshot = SourceSnapshot(
      opened, holder.facts, readings, string: string, options: options, limit: max(1, readers))
    await snapshot.beginWatching(onEvent)
    return snapshot
  }

  private init(
    _ opened: SnapshotOpening.Opened, _ facts: SnapshotFacts, _ readings: [SourceReading],
    string: ConnectionString,
    options: ConnectionOptions, limit: Int
  ) {
    instant = facts.standby?.replayed ?? facts.clock
    standby = facts.standby.map { StandbyFacts($0, clock: facts.clock) }
    location = string.location
    exported = opened.exported
    fallback = opened.fallback
    readers = opened.readers
    watch = opened.watch
    catalog = opened.catalog
    stages = SnapshotStage.all(opened, readings)
    self.string = string
    self.options = options
    let isFull = opened.exported == nil || opened.fallback != nil
    self.limit = isFull ? opened.readers.count : max(limit, opened.readers.count)
    openedOrOpening = opened.readers.count
    // The one that holds the snapshot is the first to be used.
    lending = ReaderLending(idle: opened.readers.indices.reversed())
  }

  private func beginWatching(_ onEvent: @escaping @Sendable (SnapshotEvent) -> Void) {
    guard watch != nil else { return }
    watching = Task { [weak self] in
      var told: Set<String> = []
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(1))
        guard let events = await self?.waiting() else { return }
        for event in events {
          guard case .waiting(let session, let relation, _) = event,
            told.insert("\(session) \(relation)").inserted
          else { continue }
          onEvent(event)
        }
      }
    }
  }

  /// Ends all transactions and connections. Readers that wait get an error.
  public func release() async {
    isReleased = true
    watching?.cancel()
    lending.close()
    let all = readers
    readers = []
    await PostgresConnection.closeSoon(
      all.map(\.connection) + (watch.map { [$0.connection] } ?? []))
  }

  // MARK: Lending

  /// Lends a connection whose transaction sees the snapshot. It must be used for reading only, must
  /// not be kept, and its transaction must be left open; when all are in use the call waits.
  /// - Parameter stage: whose locks are needed. `body` is called a second time where somebody waits
  ///   for a lock that the first connection does not hold.
  /// - Throws: what `body` throws, and `PostgresError`.
  public func withReader<Value: Sendable>(
    for stage: String? = nil, _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    try await use(for: stage) { reader, _ in try await body(reader) }
  }

  /// The same, where `body` is told too what is locked by the connection or for the stage.
  func use<Value: Sendable>(
    for stage: String?, _ body: @Sendable (PostgresConnection, Set<Int>) async throws -> Value
  ) async throws -> Value {
    let known = stage.flatMap { stages[$0] }
    if let refused = known?.refused { throw refused }
    if let stage, known?.isRead == true {
      throw PostgresError.changed("the locks of stage \(stage) were let go", location)
    }
    do {
      return try await lend(known, for: stage, onlyHome: false, body)
    } catch let error as PostgresError where error.isLockTimeout && known != nil {
      // Who waits for a lock lets none pass that does not have it; home has it.
      return try await lend(known, for: stage, onlyHome: true, body)
    }
  }

  private func lend<Value: Sendable>(
    _ known: SnapshotStage?, for stage: String?, onlyHome: Bool,
    _ body: @Sendable (PostgresConnection, Set<Int>) async throws -> Value
  ) async throws -> Value {
    let home = known?.home
    let place = try await take(home: home, onlyHome: onlyHome)
    guard readers.indices.contains(place) else { throw released }
    let reader = readers[place].connection
    var settings = home == nil || home == place ? "" : SnapshotReader.briefly + ";"
    if known?.acceptsRowSecurity == true { settings += "SET LOCAL row_security TO on;" }
    if let stage {
      settings += try SessionName.statement(
        SessionName.name(options.applicationName, stage), isLocal: true)
    }
    let locked = Set(known?.all.map(\.oid) ?? []).union(readers[place].known)
    do {
      try await reader.beginUse(settings)
    } catch {
      await give(back: place)
      throw error
    }
    do {
      let value = try await body(reader, locked)
      try await reader.endUse()
      await give(back: place)
      return value
    } catch {
      try? await reader.endUse()
      await give(back: place)
      throw error
    }
  }

  private var released: PostgresError {
    PostgresError(.connectionLost, "the snapshot was released", location: location)
  }

  private func take(home: Int?, onlyHome: Bool) async throws -> Int {
    while !isReleased {
      if Task.isCancelled { throw PostgresError.cancelled(location: location) }
      if let place = lending.take(home: home, onlyHome: onlyHome) { return place }
      if !onlyHome, openedOrOpening < limit, let place = try await openReader() { return place }
      if let place = lending.take(home: home, onlyHome: onlyHome) { return place }
      if isReleased { break }
      let lent = await withCheckedContinuation {
        lending.wait(home: home, onlyHome: onlyHome, $0)
      }
      if let lent { return lent }
    }
    throw released
  }

  /// A further reader; nil where there can be none, and the open ones have to do.
  private func openReader() async throws -> Int? {
    openedOrOpening += 1
    do {
      guard let exported, let facts = readers.first?.facts else { throw released }
      let connection = try await PostgresConnection.connect(to: string, options: options)
      let reader = try await SnapshotReader.joinSoon(connection, exported, like: facts).get()
      if isReleased {
        await connection.close()
        throw released
      }
      readers.append(reader)
      return readers.count - 1
    } catch let error as PostgresError {
      openedOrOpening -= 1
      if error.kind == .cancelled { throw error }
      fallback = fallback ?? error
      limit = max(1, openedOrOpening)
      return nil
    }
  }

  private func give(back place: Int) async {
    await letGo(at: place)
    if !isReleased { lending.give(back: place) }
  }

  /// Lets a connection's locks go that no stage needs any more, unless it is in use.
  func letGoIfIdle(at place: Int) async {
    guard lending.take(place) else { return }
    await give(back: place)
  }
}
