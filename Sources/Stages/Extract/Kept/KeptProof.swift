import FrameFiles
import Frames
import PipelineFiles
import Threads

/// A range of kept rows is not what the source has.
struct KeptMismatch: Error, Sendable {
  /// Which range, and what: counts, never values of rows.
  let text: String
  let help: String?
}

/// Proves that kept rows are those of the source.
struct KeptProof: Sendable {
  let source: KeptSource
  let folder: KeptFolder
  let key: [String]
  let read: @Sendable (PlannedStatement) async throws -> Frame
  let context: any StageContext

  private var watermark: Watermark { source.plan.watermark }

  /// Compares how many rows each range has, and its greatest key.
  /// - Throws: `KeptMismatch`.
  func count(_ ranges: [KeptRange], _ counts: KeptCounts) async throws {
    for (range, found) in zip(ranges, try await counts.read(context)) {
      if found.rows != range.rows {
        throw KeptMismatch(
          text: "\(label(range)): \(range.rows) rows are kept, and there are \(found.rows) now",
          help: found.rows > range.rows
            ? "rows came later than 'late: \(watermark.late.written)' allows, or a backup was restored: "
              + "say a longer 'late', if that is so every night"
            : "rows were removed, or a backup was restored: remove append_only, if that is so every night"
        )
      }
      if found.greatest != range.greatest {
        throw KeptMismatch(
          text: "\(label(range)): there are as many rows as are kept, and the greatest "
            + "\(source.plan.compared) is another",
          help: changed)
      }
    }
  }

  /// Reads ranges again and compares them bit by bit.
  /// - Throws: `KeptMismatch`; `FrameFileError` where a file cannot be read.
  func compare(_ ranges: [KeptRange]) async throws {
    for range in ranges {
      let condition = try watermark.condition(from: range.from, below: range.below)
      let found = try await read(source.rows(where: condition))
      let isSame = try await onOwnThread(named: "roost.proof") {
        try folder.open(range).read(threads: 1).isIdentical(to: found.ordered(by: key))
      }
      if isSame { continue }
      throw KeptMismatch(
        text: found.rowCount == range.rows
          ? "\(label(range)): some of the \(range.rows) rows have other values now"
          : "\(label(range)): \(range.rows) rows are kept, and there are \(found.rowCount) now",
        help: changed)
    }
  }

  private var changed: String {
    "rows of an append-only table must not change: remove append_only, if they do every night"
  }

  private func label(_ range: KeptRange) -> String {
    let from = range.from.map { "from \(watermark.text($0)) " } ?? ""
    return "\(watermark.column) \(from)to before \(watermark.text(range.below))"
  }
}
