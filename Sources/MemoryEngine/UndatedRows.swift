import Frames
import Relations

/// Rows of a source of which nobody knows when they happened or became known, so that no as-of sees
/// them. They count for what must not be forgotten: a contact without a time was a contact.
public struct UndatedRows: Sendable {
  public let rows: Frame
  /// What is done to them, as to the rows that are seen.
  let steps: [PendingStep]

  public init(rows: Frame) { self.init(rows: rows, steps: []) }

  init(rows: Frame, steps: [PendingStep]) {
    self.rows = rows
    self.steps = steps
  }

  /// Those of a source's rows; nil where all have their times.
  public init?(of frame: Frame, _ shape: RelationShape) throws {
    let columns = try frame.columns([shape.time, shape.arrived].compactMap { $0 })
    guard columns.contains(where: { $0.nullCount > 0 }) else { return nil }
    self.init(
      rows: frame.filtered(
        by: (0..<frame.rowCount).map { row in columns.contains { $0.isNull(row) } }
      ).withOrderedDictionaries)
  }

  /// Whether nothing is to be done to them any more.
  public var areDone: Bool { steps.isEmpty }

  func then(_ more: [PendingStep]) -> UndatedRows {
    UndatedRows(rows: rows, steps: steps + more)
  }
}
