import Frames

/// What a snapshot knows of a stage that reads it.
struct SnapshotStage: Sendable {
  /// The connection that holds its locks.
  let home: Int
  let relations: [LockedRelation]
  /// What is locked at home while the stage reads.
  let all: [LockedRelation]
  let acceptsRowSecurity: Bool
  /// Why the server refuses its SELECTs.
  let refused: PostgresError?
  var isRead = false
  /// Tables that were read though nothing in its SELECTs names them.
  var unnamed = UnnamedTables()

  static func all(
    _ opened: SnapshotOpening.Opened, _ readings: [SourceReading]
  ) -> [String: SnapshotStage] {
    var stages: [String: SnapshotStage] = [:]
    let accepting = Set(readings.filter(\.acceptsRowSecurity).map(\.name))
    for (place, reader) in opened.readers.enumerated() {
      for held in reader.held {
        guard let stage = held.stage else { continue }
        stages[stage] = SnapshotStage(
          home: place, relations: held.relations, all: held.all,
          acceptsRowSecurity: accepting.contains(stage), refused: nil)
      }
    }
    for (stage, error) in opened.refused {
      stages[stage] = SnapshotStage(
        home: 0, relations: [], all: [], acceptsRowSecurity: false, refused: error)
    }
    return stages
  }
}

extension SourceSnapshot {
  /// A stage has read its last row: makes sure that its locks were held all the time, and lets them go.
  /// - Throws: `PostgresError` of kind `.changed` where they were not, so that nothing counts of what
  ///   was read.
  public func finish(_ stage: String) async throws {
    guard let found = stages[stage], !found.isRead else { return }
    let relations = Set(found.all.map(\.oid))
    if let watch, readers.indices.contains(found.home) {
      try await watch.verify(found.all, heldBy: readers[found.home].facts)
      // What can be changed under the lock of a reader: constraints, indexes, functions.
      try catalog.underLocks(on: relations).compare(
        with: try await watch.connection.catalog(of: relations).underLocks(on: relations), location)
    } else {
      // The transaction that reads is the one that holds them: if it is there, they are.
      try await withReader { try await $0.verifyCatalog(of: relations) }
    }
    await abandon(stage)
  }

  /// A stage reads no more: lets its locks go.
  public func abandon(_ stage: String) async {
    guard let home = stages[stage]?.home else { return }
    stages[stage]?.isRead = true
    await letGoIfIdle(at: home)
  }

  func note(_ unnamed: UnnamedTables, of stage: String?) {
    if let stage { stages[stage]?.unnamed.formUnion(unnamed) }
  }

  /// Tables that a stage read through functions, as far as they could be noticed. They were not locked.
  public func unnamedTables(of stage: String) -> UnnamedTables {
    stages[stage]?.unnamed ?? UnnamedTables()
  }

  /// Lets locks go that no stage needs any more, from the last taken; the connection must not be in use.
  func letGo(at place: Int) async {
    while readers.indices.contains(place), let last = readers[place].held.last,
      last.stage.flatMap({ stages[$0] })?.isRead != false
    {
      readers[place].held.removeLast()
      // Where that fails the connection is gone, and with it the locks.
      try? await readers[place].connection.letGo(since: last.savepoint)
    }
  }

  /// Who waits for what is locked, with the stages that still read it.
  func waiting() async -> [SnapshotEvent]? {
    guard let watch else { return nil }
    let held = readers.flatMap { $0.held.flatMap(\.relations) }.map(\.oid)
    if held.isEmpty { return [] }
    do throws(PostgresError) {
      let processes = readers.map(\.facts.processIdentifier)
      return try await watch.waiting(for: Set(held), of: processes).map { found in
        let readers = stages.filter { stage in
          !stage.value.isRead && stage.value.relations.contains { $0.oid == found.relation }
        }
        return .waiting(
          session: found.session, relation: found.name, stages: readers.keys.sorted())
      }
    } catch {
      return error.kind == .connectionLost ? nil : []
    }
  }
}

/// How far a standby is that is read.
public struct StandbyFacts: Sendable, Hashable {
  /// When the last transaction that it had replayed was committed; nil where nobody knows, because it
  /// has replayed none since it was started.
  public let replayed: Instant?
  /// Its own clock.
  public let clock: Instant
  /// Whether it had replayed all that its primary had sent and still listened to it, so that on the
  /// primary nothing had happened since.
  public let isCaughtUp: Bool

  init(_ facts: SnapshotFacts.Standby, clock: Instant) {
    replayed = facts.replayed
    isCaughtUp = facts.isCaughtUp
    self.clock = clock
  }
}
