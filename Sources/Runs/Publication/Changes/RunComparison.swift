import Frames
import PipelineFiles
import PostgresClient
import State

/// What a run changes, or changed, in the tables that it publishes: of a held run against what stands,
/// of a published one against what stood before.
public struct RunComparison: Sendable {
  public struct Table: Sendable {
    public let name: String
    public let mode: WriteMode
    /// The run whose rows it is compared with; nil for a first publication, and for tables that stand.
    public let base: Base?
    public let rows: Int
    /// Nil where there is nothing to compare with, for the reason that is given.
    public let change: TableChange?
    public let remark: String?
    public let keys: Keys?
  }

  public struct Base: Sendable {
    public let run: Int
    /// Nil where the run itself is forgotten.
    public let asOf: Instant?
  }

  /// The keys of members, as texts.
  public struct Keys: Sendable {
    public let columns: [String]
    public let added: [[String]]
    public let removed: [[String]]
    public let changed: [[String]]
  }

  public let run: RunRecord
  public let tables: [Table]

  /// - Parameter keys: how many keys of each kind are listed; nil for none. Keys that are personal data
  ///   are not.
  public init(_ run: Int, keys: Int?, in database: ConnectionString) async throws {
    let connection = try await PostgresConnection.connect(to: database)
    do {
      guard try await StateSchema.isReadable(connection) else { throw RunError.noRun(run) }
      let rows = try await connection.query(
        "SELECT \(RunRecord.columns) FROM roost.runs WHERE run_id = $1", [Parameter(run)])
      guard let row = rows.first else { throw RunError.noRun(run) }
      self.run = try RunRecord(row)
      let comparing = Comparing(connection: connection, run: self.run, keys: keys)
      var tables: [Table] = []
      for record in try await LoadRecords.all(of: run, on: connection) {
        tables.append(try await comparing.table(record))
      }
      self.tables = tables
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }
}

/// Compares the tables of one run.
private struct Comparing {
  let connection: PostgresConnection
  let run: RunRecord
  let keys: Int?

  private var isHeld: Bool { run.state == .held }

  func table(_ record: LoadRecord) async throws -> RunComparison.Table {
    record.layout.table.mode.isRoosts
      ? try await snapshot(record) : try await standing(record)
  }

  private func snapshot(_ record: LoadRecord) async throws -> RunComparison.Table {
    let layout = record.layout
    guard isHeld || run.state == .succeeded else {
      return without(record, "the run published nothing")
    }
    guard let base = try await base(layout) else {
      return without(record, "nothing was published before")
    }
    let query = try await ComparedPublications(connection: connection)
      .query(of: layout, rowsIn: record.rowsIn, base: base.run)
    guard let query else {
      return without(record, "rows of run \(base.run) or \(run.id) are no longer kept", base)
    }
    return try await compared(record, query, base)
  }

  private func standing(_ record: LoadRecord) async throws -> RunComparison.Table {
    let layout = record.layout
    guard isHeld else {
      let remark =
        layout.table.mode == .append
        ? "rows were added" : "the change was not worked out before it was published"
      return RunComparison.Table(
        name: layout.target, mode: layout.table.mode, base: nil, rows: record.rows ?? 0,
        change: record.change, remark: record.change == nil ? remark : nil, keys: nil)
    }
    guard layout.table.mode.usesKey else { return without(record, "rows would be added") }
    let query = ChangeQuery(
      new: record.rowsIn, old: layout.name, key: layout.table.key,
      columns: layout.otherColumns, counted: layout.table.countedColumns,
      removes: layout.table.mode == .replace)
    return try await compared(record, query, nil)
  }

  private func compared(
    _ record: LoadRecord, _ query: ChangeQuery, _ base: RunComparison.Base?
  ) async throws -> RunComparison.Table {
    let table = record.layout.table
    let change = try await query.change(on: connection)
    let personal = table.key.filter { table.schema[$0]?.isPersonal != false }
    var listed: RunComparison.Keys?
    if let keys, personal.isEmpty {
      listed = RunComparison.Keys(
        columns: table.key, added: try await query.keys(.added, limit: keys, on: connection),
        removed: try await query.keys(.removed, limit: keys, on: connection),
        changed: try await query.keys(.changed, limit: keys, on: connection))
    }
    let remark =
      keys != nil && !personal.isEmpty
      ? "its keys are not listed: \(personal.joined(separator: ", ")) is personal data" : nil
    return RunComparison.Table(
      name: record.layout.target, mode: table.mode, base: base, rows: record.rows ?? change.rows,
      change: change, remark: remark, keys: listed)
  }

  private func without(
    _ record: LoadRecord, _ remark: String, _ base: RunComparison.Base? = nil
  ) -> RunComparison.Table {
    RunComparison.Table(
      name: record.layout.target, mode: record.layout.table.mode, base: base,
      rows: record.rows ?? 0, change: nil, remark: remark, keys: nil)
  }

  /// Of a published run what readers saw before it, of a held one what it would take the place of.
  private func base(_ layout: TargetLayout) async throws -> RunComparison.Base? {
    let (asOf, target) = (run.asOf, layout.target)
    if isHeld {
      return try await connection.publicationBase(target, asOf: asOf, movesAnyway: false).map {
        RunComparison.Base(run: $0.run, asOf: $0.asOf)
      }
    }
    let rows = try await connection.query(
      """
      SELECT p.before_run AS run_id, r.as_of FROM roost.publications p
      LEFT JOIN roost.runs r ON r.run_id = p.before_run
      WHERE p.target = $1 AND p.run_id = $2 AND p.before_run IS NOT NULL
      """, [.text(target), Parameter(run.id)])
    return try rows.first.map {
      RunComparison.Base(run: try $0.int("run_id"), asOf: try $0.optionalInstant("as_of"))
    }
  }
}
