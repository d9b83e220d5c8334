import Frames
import PipelineFiles
import PostgresClient

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
  /// The partitions are attached first, which readers do not notice; then the pointers are moved in one
  /// short transaction.
  /// - Throws: `RunError.lostLock` where the run is not ours any more.
  func publish(_ loaded: [LoadedTable]) async throws -> Outcome {
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
      let objections = loaded.flatMap { table in
        table.objections.map { "\(table.layout.target): \($0)" }
          + [findings[table.layout.target]?.objection].compactMap { $0 }
      }
      if approval == nil, !objections.isEmpty {
        try await HeldPublication(grantTo: grantTo, scripts: scripts)
          .hold(session, pipeline: pipeline, because: objections)
        return .held(objections)
      }
      try await attach(loaded.map(\.layout).filter(\.table.mode.isRoosts))
      do {
        try await show(loaded, findings)
        return .published
      } catch is BaseMoved {
        continue
      }
    }
    throw RunError.movingBase(table: loaded.first?.layout.target ?? pipeline)
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
          layout: table.layout, pipeline: pipeline, asOf: session.asOf, run: session.run,
          isForced: approval?.isOverNewer == true)
      )
    }
    let (notes, results) = try await patience.retrying(on: session.connection) { database in
      try database.execute("SET LOCAL synchronous_commit = on")
      // One publication at a time: Postgres refuses to make a schema or a view twice at once.
      try database.query("SELECT pg_advisory_xact_lock(hashtextextended('roost.publish', 0))")
      try session.requireToken(as: approval == nil ? .running : .held, database)
      for (table, merge) in merges {
        try Self.named(table) { try merge.lock(patience, database) }
      }
      for snapshot in snapshots {
        try TargetViews(layout: snapshot.layout, readers: readers, patience: patience)
          .refresh(database)
        let pointer = Pointer(
          target: snapshot.layout.target, asOf: session.asOf,
          movesAnyway: approval?.isOverNewer == true)
        let base = try pointer.base(database)
        if let finding = findings[snapshot.layout.target], finding.base != base {
          throw BaseMoved()
        }
        try pointer.move(to: session.run, rows: snapshot.rows, from: base, database)
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
        observer(.stageBegan(script.stage))
        results.append(try script.run(session, readers, database))
      }
      try session.settlePublished(by: approval == nil ? .succeed : .approve, database)
      try approval?.record(session, pipeline: pipeline, database)
      return (notes, results)
    }
    for note in notes { observer(.note(note)) }
    for (script, result) in zip(scripts, results) { observer(.stageFinished(script.stage, result)) }
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

  private func attach(_ layouts: [TargetLayout]) async throws {
    for layout in layouts {
      let partition = try layout.partition(run: session.run).sql
      let attached = try await session.connection.query(
        "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1)) AS is_attached",
        [.text(partition)])
      // A publication that was interrupted may have got so far.
      if try attached.first?.bool("is_attached") == true { continue }
      let attachment = """
        ALTER TABLE \(try layout.data.sql)
        ATTACH PARTITION \(partition) FOR VALUES IN (\(session.run))
        """
      try await session.connection.transaction { database in
        try database.execute(attachment)
        // The partition says the same now. Later, a reader might use it already.
        try database.execute("ALTER TABLE \(partition) DROP CONSTRAINT of_run")
      }
    }
    try await ReadersInFlight(connection: session.connection).pass(layouts.map(\.data))
  }
}
