import Frames
import PipelineFiles
import PostgresClient

/// Rows of a run that are in the database and not yet visible.
struct LoadedSnapshot: Sendable {
  let layout: TargetLayout
  let rows: Int
}

/// Loads rows into a table of their own, which becomes a partition when the run is published.
struct SnapshotLoader: Sendable {
  let database: ConnectionString
  let pipeline: String
  let environment: PublishingEnvironment
  let run: Int
  let asOf: Instant
  let patience: LockPatience
  let loaded: LoadedSnapshots

  /// Loads rows and notes them in `loaded`.
  func load(_ frame: Frame, as snapshot: TargetTable) async throws {
    let connection = try await PostgresConnection.connect(to: database)
    do {
      let layout = try await TargetPreparation(
        layout: TargetLayout(snapshot, environment: environment), pipeline: pipeline,
        patience: patience
      ).prepare(connection)
      loaded.begin(layout)
      let table = layout.partition(run: run)
      let sql = try table.sql
      try await connection.execute(
        "CREATE TABLE \(sql) (LIKE \(try layout.data.sql) INCLUDING DEFAULTS)")
      let complete = Self.withOwnColumns(frame, asOf: asOf, run: run)
      try await connection.copyIn(complete, into: table, columns: complete.schema.names)
      let key = try snapshot.key.map { try SQL.identifier($0) }.joined(separator: ", ")
      try await connection.execute("CREATE UNIQUE INDEX ON \(sql) (\(key))")
      // With this check, attaching needs no scan.
      try await connection.execute(
        "ALTER TABLE \(sql) ADD CONSTRAINT of_run CHECK (run_id = \(run) AND run_id IS NOT NULL)")
      try await connection.execute("ANALYZE \(sql)")
      loaded.add(LoadedSnapshot(layout: layout, rows: frame.rowCount))
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  private static func withOwnColumns(_ frame: Frame, asOf: Instant, run: Int) -> Frame {
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
