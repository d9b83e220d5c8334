import Frames
import PipelineFiles
import PostgresClient
import State

/// Loads rows into a table of their own, where they wait for the run's publication: as a partition to
/// be, or to be merged into a table that stands.
struct SnapshotLoader: Sendable {
  let database: ConnectionString
  let pipeline: String
  let environment: PublishingEnvironment
  /// The attempt that loads: what it makes bears its number, and counts only while it holds the token.
  let session: RunSession
  let patience: LockPatience
  let loaded: LoadedSnapshots
  let observer: RunObserver

  private var run: Int { session.run }
  private var asOf: Instant { session.asOf }

  /// Of a wide table ANALYZE with Postgres's own target takes half as long as loading it; a third of
  /// the sampled rows says as much about tables that are read whole or by their key. A process that is
  /// suspended, or whose host is gone, keeps its locks for seconds only.
  private static let settings = StateSession.guards.merging(["default_statistics_target": "30"]) {
    $1
  }

  /// Loads rows and notes them in `loaded`.
  /// - Parameters:
  ///   - stage: the stage that made them.
  ///   - objections: what speaks against publishing them.
  /// - Throws: `RunError.lostLock` where another attempt has taken the run over.
  func load(
    _ frame: Frame, as table: TargetTable, of stage: String, objections: [String]
  ) async throws {
    let connection = try await PostgresConnection.connect(
      to: database,
      options: ConnectionOptions(
        applicationName: SessionName.of(run: run, stage: stage), keepalives: .quick,
        settings: Self.settings))
    do {
      let layout = try await prepared(table, connection)
      let types = try await LoadedTypes(of: layout, on: connection)
      try types.check(frame, for: layout)
      let name = try await makeTable(layout, types, stage, connection)
      loaded.begin(name)
      let complete = table.mode.isRoosts ? withOwnColumns(frame) : frame
      try await connection.copyIn(complete, into: name, columns: complete.schema.names)
      let key = try table.key.map { try SQL.identifier($0) }.joined(separator: ", ")
      try await connection.execute("CREATE UNIQUE INDEX ON \(try name.sql) (\(key))")
      if table.mode.isRoosts { try await addChecks(to: name, connection) }
      try await connection.execute("ANALYZE \(try name.sql)")
      try await LoadRecords.end(layout, session, rows: frame.rowCount, in: name, on: connection)
      loaded.add(
        LoadedTable(
          layout: layout, rowsIn: name, stage: stage, rows: frame.rowCount,
          objections: objections))
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  private func prepared(
    _ table: TargetTable, _ connection: PostgresConnection
  ) async throws -> TargetLayout {
    let layout = TargetLayout(table, environment: environment)
    if table.mode.isRoosts {
      return try await TargetPreparation(
        layout: layout,
        owner: PublishedTable.Owner(pipeline: pipeline, environment: environment.name ?? ""),
        patience: patience, observer: observer
      ).prepare(connection)
    }
    // What cannot be published need not be loaded.
    if table.mode == .append {
      let merge = Merge(layout: layout, rowsIn: nil, pipeline: pipeline, asOf: asOf, run: run)
      try await connection.transaction { database in try merge.refuseSecondAppend(database) }
    }
    return layout
  }

  /// Makes the table and its records together, so that nothing is left that nobody knows of. What an earlier
  /// try of the stage has made goes.
  private func makeTable(
    _ layout: TargetLayout, _ types: LoadedTypes, _ stage: String,
    _ connection: PostgresConnection
  ) async throws -> QualifiedName {
    let session = session
    let columns = try layout.table.schema.fields
      .map { "\(try SQL.identifier($0.name)) \(types.type(of: $0))" }.joined(separator: ", ")
    let definition =
      layout.table.mode.isRoosts
      ? "(LIKE \(try layout.data.sql) INCLUDING DEFAULTS)" : "(\(columns))"
    return try await connection.transaction { database in
      for row in try database.query(
        "SELECT name FROM roost.row_tables WHERE target = $1 AND run_id = $2 AND attempt = $3",
        [.text(layout.target), Parameter(session.run), Parameter(session.attempt)])
      { try RowTable.drop(.inData(try row.string("name")), database) }
      let name = try layout.freeName(run: session.run, attempt: session.attempt, database)
      try database.execute("CREATE TABLE \(try name.sql) \(definition)")
      try RowTable.record(
        name, of: layout.target, run: session.run, attempt: session.attempt, database)
      try LoadRecords.begin(layout, session, stage: stage, in: name, database)
      return name
    }
  }

  /// What the table says of itself: so that attaching it needs no scan, and a reader of another as-of none
  /// either. From here on its rows stay as they are.
  private func addChecks(to name: QualifiedName, _ connection: PostgresConnection) async throws {
    try await connection.execute(
      """
      ALTER TABLE \(try name.sql)
      ADD CONSTRAINT of_run CHECK (run_id = \(run) AND run_id IS NOT NULL),
      ADD CONSTRAINT of_instant CHECK (as_of = timestamptz \(try SQL.literal(asOf.sqlText)))
      """)
    try await connection.execute(try RowKeeping.statement(for: name))
  }

  private func withOwnColumns(_ frame: Frame) -> Frame {
    let count = frame.rowCount
    let own = [
      Column(
        type: .timestamptz, values: .int64(Array(repeating: asOf.microseconds, count: count))),
      Column(type: .int8, values: .int64(Array(repeating: Int64(run), count: count))),
    ]
    return Frame(
      schema: Schema(TargetLayout.ownFields + frame.schema.fields), columns: own + frame.columns,
      rowCount: count)
  }
}

extension TargetLayout {
  /// A name for an attempt's rows that nothing has.
  func freeName(
    run: Int, attempt: Int, _ database: isolated PostgresConnection
  ) throws -> QualifiedName {
    var taken = 0
    while true {
      let name = rows(run: run, attempt: attempt, taken: taken)
      let found = try database.query(
        "SELECT to_regclass($1) IS NOT NULL AS is_taken", [.text(try name.sql)])
      if try found.first?.bool("is_taken") != true { return name }
      taken += 1
    }
  }
}
