import Expressions
import Frames
import PipelineFiles

/// Rows of a source of which nobody knows when they happened or became known, so that no as-of sees
/// them. They count for what must not be forgotten: a contact without a time was a contact.
struct UndatedRows: Sendable {
  let rows: Frame
  /// What is done to them, as to the rows that are seen.
  var steps: [any CleanOperation] = []

  init(rows: Frame, steps: [any CleanOperation] = []) {
    self.rows = rows
    self.steps = steps
  }

  /// Those of a source's rows; nil where all have their times.
  init?(of frame: Frame, _ shape: RelationShape) {
    let columns = [shape.time, shape.arrived].compactMap { $0.flatMap { frame[$0] } }
    guard columns.contains(where: { $0.nullCount > 0 }) else { return nil }
    rows =
      frame.filtered(
        by: (0..<frame.rowCount).map { row in columns.contains { $0.isNull(row) } }
      ).withOrderedDictionaries
  }

  func then(_ more: [any CleanOperation]) -> UndatedRows {
    UndatedRows(rows: rows, steps: steps + more)
  }
}

extension SourceRelation {
  /// The rows that no as-of sees, after all steps; nil where there are none.
  func undatedRows(asOf: Instant) async throws -> Frame? {
    guard let undated else { return nil }
    return try await prepared(undated.rows, by: undated.steps, asOf: asOf)
  }
}
