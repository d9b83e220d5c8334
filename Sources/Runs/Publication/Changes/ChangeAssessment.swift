import Frames
import PipelineFiles
import PostgresClient

/// Works out what a run's publication would change, before anything is locked.
struct ChangeAssessment: Sendable {
  let connection: PostgresConnection
  let pipeline: String
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
      } else if mode.isRoosts,
        table.layout.table.changeLimit != nil || table.layout.table.dropLimit != nil
      {
        findings[table.layout.target] = try await snapshot(table)
      }
    }
    return findings
  }

  private func snapshot(_ table: LoadedTable) async throws -> Finding {
    let layout = table.layout
    let base = try await connection.publicationBase(
      layout.target, asOf: asOf, movesAnyway: movesAnyway)
    guard let base else { return Finding(base: nil, objection: nil) }
    let name = "the last publication (run \(base.run), \(base.asOf.shortText(in: zone)))"
    var objections = [drop(to: table, from: base.rows, of: name)]
    if layout.table.changeLimit != nil,
      let query = try await ComparedPublications(connection: connection)
        .query(of: layout, rowsIn: table.rowsIn, base: base.run)
    {
      objections.append(try await change(query, table, base: name).objection)
    }
    return Finding(base: base, objection: Self.joined(objections))
  }

  private func standing(_ table: LoadedTable) async throws -> Finding {
    let layout = table.layout
    let query = ChangeQuery(
      new: table.rowsIn, old: layout.name, key: layout.table.key,
      columns: layout.otherColumns, counted: layout.table.countedColumns,
      removes: layout.table.mode == .replace)
    let (change, objection) = try await change(query, table, base: "\(layout.name)")
    var objections = [objection]
    if layout.table.mode == .replace, try await !isLeftAlone(layout) {
      objections.insert(
        drop(to: table, from: change.rowsBefore, of: "\(layout.name)"), at: 0)
    }
    return Finding(base: nil, objection: Self.joined(objections))
  }

  /// Whether the run does not write, because the table has the rows of a later as-of.
  private func isLeftAlone(_ layout: TargetLayout) async throws -> Bool {
    if movesAnyway { return false }
    let merge = Merge(layout: layout, rowsIn: nil, pipeline: pipeline, asOf: asOf, run: run)
    return try await connection.transaction { try merge.newerMerge($0) } != nil
  }

  private func change(
    _ query: ChangeQuery, _ table: LoadedTable, base: String
  ) async throws -> (change: TableChange, objection: String?) {
    let change = try await query.change(on: connection)
    try await LoadRecords.record(change, of: table.layout.target, run: run, on: connection)
    return (
      change,
      change.objection(to: table.layout.target, table.layout.table.changeLimit, base: base)
    )
  }

  /// Why fewer rows than before need a person's word; nil where they do not.
  private func drop(to table: LoadedTable, from before: Int, of base: String) -> String? {
    guard let limit = table.layout.table.dropLimit, !limit.allows(table.rows, after: before) else {
      return nil
    }
    let share = Double(before - table.rows) / Double(before)
    return "\(table.layout.target): \(table.rows == 0 ? "no" : "\(table.rows)") "
      + "\(table.rows == 1 ? "row" : "rows") would take the place of the \(before) of \(base)"
      + (table.rows == 0
        ? "; where that may be, say max_drop: 100%"
        : ", \(TableChange.percent(share)) fewer, and max_drop is \(Share(limit.share))")
  }

  private static func joined(_ objections: [String?]) -> String? {
    let said = objections.compactMap(\.self)
    return said.isEmpty ? nil : said.joined(separator: "; ")
  }
}

extension TargetLayout {
  /// The columns beside the key.
  var otherColumns: [String] { table.schema.names.filter { !table.key.contains($0) } }
}
