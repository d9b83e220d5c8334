import Frames
import MemoryEngine
import PipelineFiles

/// Names of the frames in checkpoints of relations.
private enum KeptName {
  /// All rows known before the run's as-of.
  static let base = "base"
  /// The rows at the run's as-of.
  static let rows = "rows"
  /// Rows that no as-of sees.
  static let undated = "undated"
}

extension SourceRelation {
  /// What is kept of the rows: those columns that other stages use, and those that tell when they are
  /// seen.
  func kept(columns: Set<String>?) -> KeptOutput {
    let own = shape.key + [shape.time, shape.arrived, shape.validTo].compactMap(\.self)
    func narrowed(_ frame: Frame) -> Frame {
      guard let columns else { return frame }
      return frame.selecting(
        frame.schema.names.filter { columns.contains($0) || own.contains($0) })
    }
    var kept = KeptOutput(frames: [KeptName.base: narrowed(base)])
    if let undated, undated.areDone {
      kept.frames[KeptName.undated] = narrowed(undated.rows)
    }
    // Without steps to come, the rows at the as-of follow from the others at once.
    if !isDone, let remembered {
      kept.frames[KeptName.rows] = narrowed(remembered.frame)
    }
    return kept
  }

  /// The relation with the rows at the as-of that were kept beside it.
  func remembering(_ kept: KeptOutput, asOf: Instant) -> SourceRelation {
    var relation = self
    relation.remembered = (asOf, kept.frames[KeptName.rows] ?? rows(before: asOf))
    return relation
  }
}

extension KeptOutput {
  /// All rows of a relation that a source or a clean stage made.
  var base: Frame { get throws { try frame(KeptName.base) } }

  /// Rows that no as-of sees, where a source has some.
  var undated: UndatedRows? { frames[KeptName.undated].map { UndatedRows(rows: $0) } }

  /// The rows of one as-of.
  init(rows: Frame) { self.init(frames: [KeptName.rows: rows]) }
  var rows: Frame { get throws { try frame(KeptName.rows) } }
}
