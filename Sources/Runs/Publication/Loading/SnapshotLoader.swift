import Frames
import PipelineFiles
import PostgresClient

/// Loads rows into a table of their own, where they wait for the run's publication: as a partition to
/// be, or to be merged into a table that stands.
struct SnapshotLoader: Sendable {
  let database: ConnectionString
  let pipeline: String
  let environment: PublishingEnvironment
  let run: Int
  let asOf: Instant
  let patience: LockPatience
  let loaded: LoadedSnapshots

  /// Of a wide table ANALYZE with Postgres's own target takes half as long as loading it; a third of
  /// the sampled rows says as much about tables that are read whole or by their key.
  private static let settings = ["default_statistics_target": "30"]

  /// Loads rows and notes them in `loaded`.
  /// - Parameters:
  ///   - stage: the stage that made them.
  ///   - objections: what speaks against publishing them.
  func load(
    _ frame: Frame, as table: TargetTable, of stage: String, objections: [String]
  ) async throws {
    let connection = try await PostgresConnection.connect(
      to: database, options: ConnectionOptions(settings: Self.settings))
    do {
      let layout = try await prepared(table, connection)
      loaded.begin(layout)
      // An earlier try of the stage, or an earlier attempt at the run, may have come this far.
      try await Housekeeping(connection: connection).discard([layout], run: run)
      let types = try await LoadedTypes(of: layout, on: connection)
      try types.check(frame, for: layout)
      try await makeTable(layout, types, stage, connection)
      let name = layout.loaded(run: run)
      let complete = table.mode.isRoosts ? withOwnColumns(frame) : frame
      try await connection.copyIn(complete, into: name, columns: complete.schema.names)
      let key = try table.key.map { try SQL.identifier($0) }.joined(separator: ", ")
      try await connection.execute("CREATE UNIQUE INDEX ON \(try name.sql) (\(key))")
      if table.mode.isRoosts {
        // With this check, attaching needs no scan.
        try await connection.execute(
          """
          ALTER TABLE \(try name.sql) ADD CONSTRAINT of_run
          CHECK (run_id = \(run) AND run_id IS NOT NULL)
          """)
      }
      try await connection.execute("ANALYZE \(try name.sql)")
      try await LoadRecords.end(layout, run: run, rows: frame.rowCount, on: connection)
      loaded.add(
        LoadedTable(layout: layout, stage: stage, rows: frame.rowCount, objections: objections))
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
      return try await TargetPreparation(layout: layout, pipeline: pipeline, patience: patience)
        .prepare(connection)
    }
    // What cannot be published need not be loaded.
    if table.mode == .append {
      let merge = Merge(layout: layout, pipeline: pipeline, asOf: asOf, run: run)
      try await connection.transaction { database in try merge.refuseSecondAppend(database) }
    }
    return layout
  }

  /// Makes the table and its record together, so that nothing is left that nobody knows of.
  private func makeTable(
    _ layout: TargetLayout, _ types: LoadedTypes, _ stage: String,
    _ connection: PostgresConnection
  ) async throws {
    let run = run
    let name = try layout.loaded(run: run).sql
    let columns = try layout.table.schema.fields
      .map { "\(try SQL.identifier($0.name)) \(types.type(of: $0))" }.joined(separator: ", ")
    let definition =
      layout.table.mode.isRoosts
      ? "(LIKE \(try layout.data.sql) INCLUDING DEFAULTS)" : "(\(columns))"
    try await connection.transaction { database in
      try LoadRecords.begin(layout, run: run, stage: stage, database)
      try database.execute("CREATE TABLE \(name) \(definition)")
    }
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
