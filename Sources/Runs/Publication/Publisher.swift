import Frames
import PipelineFiles
import PostgresClient
import State
import Synchronization

/// Makes everything that a run loaded visible at once, on the connection that holds the run's lock.
struct Publisher: Sendable {
  let session: RunSession
  let pipeline: String
  /// The zone in which as-ofs are shown.
  let zone: CalendarZone
  let grantTo: String?
  let patience: LockPatience
  /// What stages do once the pointers have moved, in their order.
  let scripts: [PublicationScript]
  let observer: RunObserver
  /// A person's word for a run that is held; nil for one under way.
  var approval: Approval?

  enum Outcome: Sendable {
    case published
    /// Nothing is visible, for these reasons.
    case held([String])
  }

  /// How often what a run was compared with may change before it is published.
  private static let mostComparisons = 5

  /// What was compared with is no longer what would be replaced.
  private struct BaseMoved: Error {}

  /// Compares what was loaded with what stands, and publishes it unless something speaks against that.
  /// Partitions are attached and pointers moved in one short transaction.
  /// - Parameter doubts: what speaks against publishing anything at all.
  /// - Throws: `RunError.lostLock` where the run is not ours any more.
  func publish(_ loaded: [LoadedTable], despite doubts: [String] = []) async throws -> Outcome {
    // One order for all, so that two publications never wait for each other in a circle.
    let loaded = loaded.sorted { $0.layout.target < $1.layout.target }
    if approval == nil {
      try await session.forgetOtherLoads(than: loaded.map(\.layout.target))
    }
    for _ in 0..<Self.mostComparisons {
      let findings = try await ChangeAssessment(
        connection: session.connection, pipeline: pipeline, run: session.run, asOf: session.asOf,
        zone: zone,
        movesAnyway: approval?.isOverNewer == true
      ).findings(loaded)
      let publishesNothing = loaded.isEmpty && scripts.isEmpty
      let objections =
        (publishesNothing ? [] : doubts)
        + loaded.flatMap { table in
          table.objections.map { "\(table.layout.target): \($0)" }
            + [findings[table.layout.target]?.objection].compactMap { $0 }
        }
      if approval == nil, !objections.isEmpty {
        try await session.hold(
          HeldPublication(grantTo: grantTo, scripts: scripts).json, because: objections)
        return .held(objections)
      }
      do {
        try await show(loaded, findings)
        return .published
      } catch is BaseMoved {
        continue
      }
    }
    throw TableError.movingBase(loaded.first?.layout.target ?? pipeline)
  }

  /// The transaction in which everything becomes visible.
  private func show(
    _ loaded: [LoadedTable], _ findings: [String: ChangeAssessment.Finding]
  ) async throws {
    let (session, approval) = (session, approval)
    let (readers, patience) = (Readers(role: grantTo), patience)
    let (scripts, observer, pipeline) = (scripts, observer, pipeline)
    let snapshots = loaded.filter(\.layout.table.mode.isRoosts)
    let merges = loaded.filter { !$0.layout.table.mode.isRoosts }.map { table in
      (
        table,
        Merge(
          layout: table.layout, rowsIn: table.rowsIn, pipeline: pipeline, asOf: session.asOf,
          run: session.run, isForced: approval?.isOverNewer == true)
      )
    }
    let begun = Mutex<Set<String>>([])
    let (notes, results) = try await patience.retrying(
      on: session.connection, tell: noting(observer)
    ) { database in
      try database.execute("SET LOCAL synchronous_commit = on")
      // One publication at a time: Postgres refuses to make a schema or a view twice at once.
      try patience.take(turn: "roost.publish", of: "the turn to publish", on: database)
      try session.requireToken(as: approval == nil ? .running : .held, database)
      for (table, merge) in merges {
        try Self.named(table) { try merge.lock(patience, database) }
      }
      for snapshot in snapshots {
        try snapshot.attach(
          to: snapshot.layout.data, run: session.run, asOf: session.asOf, patience, database)
        try TargetViews(layout: snapshot.layout, readers: readers, patience: patience)
          .refresh(database)
        let pointer = Pointer(
          target: snapshot.layout.target, asOf: session.asOf,
          movesAnyway: approval?.isOverNewer == true)
        let base = try pointer.base(database)
        if let finding = findings[snapshot.layout.target], finding.base != base {
          throw BaseMoved()
        }
        try pointer.move(to: session.run, snapshot, from: base, database)
      }
      var notes: [String] = []
      for (table, merge) in merges {
        let outcome = try Self.named(table) {
          try merge.run(patience, rows: table.rows, database)
        }
        try session.add(
          note: outcome.note, warnings: outcome.warnings, to: table.stage, database)
        notes += [outcome.note] + outcome.warnings.map { "warning: \($0)" }
      }
      var results: [StageResult] = []
      for script in scripts {
        // A try that comes to nothing is made again.
        if begun.withLock({ $0.insert(script.stage).inserted }) {
          observer(.stageBegan(script.stage))
        }
        results.append(try script.run(session, readers, database))
      }
      try Self.checkDeferred(loaded, scripts, database)
      try session.settlePublished(by: approval == nil ? .succeed : .approve, database)
      try approval?.record(session, pipeline: pipeline, database)
      return (notes, results)
    }
    for note in notes { observer(.note(note)) }
    for (script, result) in zip(scripts, results) { observer(.stageFinished(script.stage, result)) }
  }
}

extension Publisher {
  /// Has Postgres look at constraints that it leaves for the end while a stage can still be named.
  private static func checkDeferred(
    _ loaded: [LoadedTable], _ scripts: [PublicationScript],
    _ database: isolated PostgresConnection
  ) throws {
    do {
      try database.execute(overRows: "SET CONSTRAINTS ALL IMMEDIATE")
    } catch {
      guard error.kind == .statement, let name = error.table else { throw error }
      let table = QualifiedName(schema: error.schema, name: name).description
      let stage =
        loaded.first { $0.layout.target == table }?.stage
        ?? scripts.first { $0.changes(table: name) }?.stage
      guard let stage else {
        var error = error
        let constraint = error.constraint.map { " (constraint \($0))" } ?? ""
        error.message = "\(table)\(constraint): \(error.message)"
        throw error
      }
      throw PublicationFailure(stage: stage, place: table, error: error)
    }
  }

  /// Says of which stage and table an error is.
  private static func named<Value>(
    _ table: LoadedTable, _ work: () throws -> Value
  ) throws -> Value {
    do {
      return try work()
    } catch let error as PostgresError where error.kind == .statement {
      throw PublicationFailure(stage: table.stage, place: table.layout.target, error: error)
    }
  }
}

extension LoadedTable {
  /// Makes the rows a partition, in the transaction that publishes them. Statements whose plans are older find
  /// them by their name.
  fileprivate func attach(
    to data: QualifiedName, run: Int, asOf: Instant, _ patience: LockPatience,
    _ database: isolated PostgresConnection
  ) throws {
    let parent = try data.sql
    let standing = try database.query(
      """
      SELECT n.nspname, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE i.inhparent = to_regclass($1)
        AND (i.inhrelid = to_regclass($2)
          OR \(Partitioning.run(of: "c")) = $3)
      """, [.text(parent), .text(try rowsIn.sql), Parameter(run)])
    for row in standing {
      let other = QualifiedName(
        schema: try row.string("nspname"), name: try row.string("relname"))
      if other == rowsIn { return }
      // An older roost attached it and did not get as far as showing it.
      try patience.change(
        data, of: layout.target, by: "ALTER TABLE \(parent) DETACH PARTITION \(try other.sql)",
        on: database)
    }
    let bound = try database.partitioning(of: data).bound(run: run, asOf: asOf)
    try patience.change(
      data, of: layout.target, needing: .shareUpdateExclusive,
      by: "ALTER TABLE \(parent) ATTACH PARTITION \(try rowsIn.sql) FOR VALUES \(bound)",
      on: database)
    // The partition says the same now.
    try database.execute(
      "ALTER TABLE \(try rowsIn.sql) DROP CONSTRAINT IF EXISTS of_run")
  }
}
