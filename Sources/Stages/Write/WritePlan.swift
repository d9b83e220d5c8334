import Frames
import PipelineFiles
import PostgresClient

/// Loads rows beside those that are visible.
struct WritePlan: StagePlan {
  let input: String
  let table: SnapshotTable
  /// Tables that show more of what the input made.
  let companions: [SnapshotTable]

  var shape: StageShape { .nothing }
  var snapshots: [SnapshotTable] { [table] + companions }
  var targets: [QualifiedName] { snapshots.map(\.name) }

  var lineage: StageLineage {
    let names = ([table] + companions).flatMap(\.schema.names)
    return Dictionary(
      names.map { ($0, ColumnLineage(from: [StageColumn(input, $0)])) },
      uniquingKeysWith: { first, _ in first })
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    ([table] + companions).map { table in
      let keep = table.keep.map { ", kept for \($0.description)" } ?? ""
      return PlannedStep(
        "publish \(table.schema.fields.count + 2) columns as \(table.name) and "
          + "\(table.name)_current, by \(table.key.joined(separator: ", "))\(keep)")
    }
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let relation = try context.relation(input)
    let frame = try await relation.frame(asOf: context.asOf)
    try await context.publish(try keyed(frame, table), as: table)
    var notes = ["\(table.name): \(frame.rowCount) rows"]
    for companion in companions {
      guard
        let other = (relation as? any RelationWithCompanions)?.companions[companion.name.name]
      else { throw StageFailure("stage \(input) handed on no \(companion.name.name)") }
      let rows = try await other.frame(asOf: context.asOf)
      try await context.publish(try keyed(rows, companion), as: companion)
      notes.append("\(companion.name): \(rows.rowCount) rows")
    }
    return StageResult(output: .nothing, rows: frame.rowCount, notes: notes)
  }

  /// The frame, once its key is known to identify its rows.
  private func keyed(_ frame: Frame, _ table: SnapshotTable) throws -> Frame {
    let columns = table.key.compactMap { frame[$0] }
    let name = "\(table.name)"
    for (column, key) in zip(columns, table.key) where column.nullCount > 0 {
      throw StageFailure(
        "\(column.nullCount) rows for \(name) have no \(key), which is part of the key",
        help: "reject them in a clean stage", isBlockedByCheck: true)
    }
    let distinct = Grouping(by: columns, rowCount: frame.rowCount).count
    guard distinct == frame.rowCount else {
      throw StageFailure(
        "\(frame.rowCount - distinct) rows for \(name) repeat the key "
          + table.key.joined(separator: ", "), help: "deduplicate them, or name a longer key",
        isBlockedByCheck: true)
    }
    return frame
  }
}
