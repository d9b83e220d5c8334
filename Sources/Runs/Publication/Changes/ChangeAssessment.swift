import Frames
import PipelineFiles
import PostgresClient

/// Works out what a run's publication would change, before anything is locked.
struct ChangeAssessment: Sendable {
  let connection: PostgresConnection
  let run: Int
  let asOf: Instant
  /// The zone in which as-ofs are shown.
  let zone: CalendarZone
  let movesAnyway: Bool

  /// What was found of a table.
  struct Finding: Sendable {
    /// The publication that it was compared with; nil for a first one, and for tables that stand.
    let base: PublicationBase?
    /// Why a person must approve it; nil where nobody need.
    let objection: String?
  }

  /// Compares what was loaded with what stands: snapshots where a limit asks for it, rows for tables that
  /// stand always, since they cannot be compared later.
  /// - Returns: the findings by table.
  func findings(_ loaded: [LoadedTable]) async throws -> [String: Finding] {
    var findings: [String: Finding] = [:]
    for table in loaded {
      let mode = table.layout.table.mode
      if mode.usesKey {
        findings[table.layout.target] = try await standing(table)
      } else if mode.isRoosts, table.layout.table.changeLimit != nil {
        findings[table.layout.target] = try await snapshot(table)
      }
    }
    return findings
  }

  private func snapshot(_ table: LoadedTable) async throws -> Finding {
    let (layout, asOf, movesAnyway) = (table.layout, asOf, movesAnyway)
    let base = try await connection.transaction { database in
      try PublicationBase.find(
        layout.target, asOf: asOf, movesAnyway: movesAnyway, database)
    }
    guard let base else { return Finding(base: nil, objection: nil) }
    let query = try await ComparedPublications(connection: connection)
      .query(of: layout, run: run, base: base.run)
    guard let query else { return Finding(base: base, objection: nil) }
    return Finding(
      base: base,
      objection: try await objection(
        query, table,
        base: "the last publication (run \(base.run), \(base.asOf.shortText(in: zone)))"))
  }

  private func standing(_ table: LoadedTable) async throws -> Finding {
    let query = ChangeQuery(
      new: table.layout.loaded(run: run), old: table.layout.name, key: table.layout.table.key,
      columns: table.layout.otherColumns, counted: table.layout.table.changeLimit?.columns,
      removes: table.layout.table.mode == .replace)
    return Finding(
      base: nil, objection: try await objection(query, table, base: "\(table.layout.name)"))
  }

  private func objection(
    _ query: ChangeQuery, _ table: LoadedTable, base: String
  ) async throws -> String? {
    let change = try await query.change(on: connection)
    try await LoadRecords.record(change, of: table.layout.target, run: run, on: connection)
    return change.objection(
      to: table.layout.target, table.layout.table.changeLimit, base: base)
  }
}

extension TargetLayout {
  /// The columns beside the key.
  var otherColumns: [String] { table.schema.names.filter { !table.key.contains($0) } }
}
