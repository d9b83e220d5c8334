import Catalog
import Frames
import PipelineFiles
import PostgresClient
import State

/// Settles runs that wait for a person's word.
public struct HeldRuns: Sendable {
  private let database: ConnectionString
  private let patience: LockPatience
  private let observer: RunObserver

  public init(
    _ database: ConnectionString, patience: LockPatience = LockPatience(),
    observer: @escaping RunObserver = { _ in }
  ) {
    self.database = database
    self.patience = patience
    self.observer = observer
  }

  /// A held run as it is kept.
  private struct Held: Sendable {
    let session: RunSession
    let owner: PublishedTable.Owner
    var pipeline: String { owner.pipeline }
    let zone: CalendarZone
    let publication: HeldPublication?
  }

  /// Publishes what a held run loaded.
  /// - Parameter overNewer: whether readers are to see it although a later as-of is shown.
  /// - Throws: `RunError.notHeld`, `DecisionError.newerShown`, and what publishing throws.
  public func approve(_ run: Int, by person: String, overNewer: Bool = false) async throws {
    try await withHeld(run) { held in
      guard let publication = held.publication else {
        throw TableError.rowsGone(held.pipeline, run: run)
      }
      let records = try await LoadRecords.all(of: run, on: held.session.connection)
      if !overNewer { try await refuseOlder(held, records) }
      var loaded: [LoadedTable] = []
      for record in records { loaded.append(try await table(record, held)) }
      _ = try await Publisher(
        session: held.session, pipeline: held.pipeline, zone: held.zone,
        grantTo: publication.grantTo, patience: patience, scripts: publication.scripts,
        observer: observer, approval: Approval(by: person, isOverNewer: overNewer)
      ).publish(loaded)
      await Housekeeping(connection: held.session.connection).prune(
        loaded, zone: held.zone, after: held.session
      ) { observer(.note($0)) }
    }
  }

  /// What became of a run that is to be cancelled.
  public enum Cancellation: Sendable {
    /// It was held, and is gone with the rows that it had loaded.
    case letGo
    /// It is under way, and ends within seconds.
    case asked
  }

  /// Lets a held run go, or asks one under way to end.
  /// - Throws: `RunError.notHeld` where it is neither.
  @discardableResult
  public func cancel(_ run: Int, by person: String) async throws -> Cancellation {
    if try await ask(run) { return .asked }
    try await letGo(run, by: person)
    return .letGo
  }

  /// - Returns: whether the run is under way.
  private func ask(_ run: Int) async throws -> Bool {
    let connection = try await StateSession.open(database)
    let isAsked: Bool
    do {
      isAsked = try await RunSession.askToEnd(run, on: connection)
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
    return isAsked
  }

  private func letGo(_ run: Int, by person: String) async throws {
    try await withHeld(run) { held in
      let records = try await LoadRecords.all(of: run, on: held.session.connection)
      try await held.session.reject(by: person)
      try await Housekeeping(connection: held.session.connection)
        .discard(records.map(\.rowsIn))
    }
  }

  /// Does something with a held run under the lock of its as-of, with a token of its own.
  private func withHeld(
    _ run: Int, _ work: (Held) async throws -> Void
  ) async throws {
    let connection = try await StateSession.open(database)
    do {
      try await work(try await take(run, on: connection))
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  private func take(_ run: Int, on connection: PostgresConnection) async throws -> Held {
    let taken = try await HeldRun.take(run, on: connection)
    return Held(
      session: taken.session,
      owner: PublishedTable.Owner(pipeline: taken.pipeline, environment: taken.environment),
      zone: taken.zone, publication: taken.kept.flatMap(HeldPublication.init))
  }

  /// Refuses to take readers back without being asked to.
  private func refuseOlder(_ held: Held, _ records: [LoadRecord]) async throws {
    let newer = try await held.session.connection.query(
      """
      SELECT target, run_id, as_of FROM (
        SELECT c.target, p.run_id, p.as_of FROM roost.current_publications c
        JOIN roost.publications p USING (publication_id)
        UNION ALL
        SELECT target, run_id, as_of FROM roost.merges
        WHERE pipeline = $3 AND mode <> 'append') shown
      WHERE target = ANY ($1) AND as_of > $2 AND as_of <= now() ORDER BY as_of DESC LIMIT 1
      """,
      [
        .texts(records.map(\.layout.target)), .instant(held.session.asOf), .text(held.pipeline),
      ])
    guard let row = newer.first else { return }
    throw DecisionError.newerShown(
      run: held.session.run, table: try row.string("target"), newer: try row.int("run_id"),
      asOf: try row.instant("as_of").shortText(in: held.zone))
  }

  /// What was loaded, once it fits what other runs have made of the table since.
  private func table(_ record: LoadRecord, _ held: Held) async throws -> LoadedTable {
    let (layout, run) = (record.layout, held.session.run)
    let standing = try await held.session.connection.query(
      "SELECT to_regclass($1) IS NOT NULL AS is_there", [.text(try record.rowsIn.sql)])
    guard let rows = record.rows, try standing.first?.bool("is_there") == true else {
      throw TableError.rowsGone(layout.target, run: run)
    }
    guard layout.table.mode.isRoosts else {
      return LoadedTable(
        layout: layout, rowsIn: record.rowsIn, stage: record.stage, rows: rows)
    }
    let connection = held.session.connection
    let prepared = try await TargetPreparation(
      layout: try await withColumnsOfReaders(layout, connection), owner: held.owner,
      patience: patience, observer: observer
    ).prepare(connection)
    try await addColumns(to: record.rowsIn, like: prepared.data, connection)
    return LoadedTable(layout: prepared, rowsIn: record.rowsIn, stage: record.stage, rows: rows)
  }

  /// Readers keep the columns that other runs have published since; in these rows they are null.
  private func withColumnsOfReaders(
    _ layout: TargetLayout, _ connection: PostgresConnection
  ) async throws -> TargetLayout {
    guard let known = try await connection.publishedTable(layout.name) else { return layout }
    let comments = try await connection.query(
      """
      SELECT attname, col_description(attrelid, attnum) AS about FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
      """, [.text(try layout.history.sql)])
    var schema = layout.table.schema
    // Where a type has become wider since, the rows are changed to it.
    for column in known.columns {
      guard let field = schema[column.name], let type = ColumnType(sqlName: column.type),
        ColumnWidening(of: column.name, from: field.type.sqlName, to: type) != nil
      else { continue }
      var wider = field
      wider.type = type
      schema.set(wider)
    }
    for column in known.columns where column.isShown && schema[column.name] == nil {
      guard !PublishedTable.ownColumns.contains(column.name),
        let type = ColumnType(sqlName: column.type)
      else { continue }
      let comment = try comments.first { try $0.string("attname") == column.name }
      schema.append(Field(column.name, type, about: try comment?.optionalString("about")))
    }
    let table = layout.table
    return TargetLayout(
      TargetTable(
        name: table.name, schema: schema, key: table.key, about: table.about, keep: table.keep,
        changeLimit: table.changeLimit), environment: .standard)
  }

  /// A partition needs the columns of its table, as they are by now.
  private func addColumns(
    to rows: QualifiedName, like data: QualifiedName, _ connection: PostgresConnection
  ) async throws {
    let partition = try rows.sql
    let missing = try await connection.query(
      """
      SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, b.attnum IS NULL AS is_missing
      FROM pg_attribute a LEFT JOIN pg_attribute b ON b.attrelid = to_regclass($2)
        AND b.attname = a.attname AND NOT b.attisdropped
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
        AND (b.attnum IS NULL OR (a.atttypid, a.atttypmod) <> (b.atttypid, b.atttypmod))
      ORDER BY a.attnum
      """, [.text(try data.sql), .text(partition)])
    for row in missing {
      let column = try SQL.identifier(try row.string("attname"))
      let type = try row.string("type")
      let change =
        try row.bool("is_missing")
        ? "ADD COLUMN \(column) \(type)" : "ALTER COLUMN \(column) TYPE \(type)"
      try await connection.execute("ALTER TABLE \(partition) \(change)")
    }
  }
}
