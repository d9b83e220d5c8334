import Frames
import Relations

/// The rows that a step rejects, each with its first reason.
struct Rejections: Sendable {
  private var reasons: [String] = []
  /// The reason of each row, from 0; -1 where it stays.
  private var reasonOfRow: [Int32]

  init(rowCount: Int) { reasonOfRow = Array(repeating: -1, count: rowCount) }

  mutating func reject(_ row: Int, _ reason: String) {
    guard reasonOfRow[row] < 0 else { return }
    if let place = reasons.firstIndex(of: reason) {
      reasonOfRow[row] = Int32(place)
    } else {
      reasonOfRow[row] = Int32(reasons.count)
      reasons.append(reason)
    }
  }

  func contains(_ row: Int) -> Bool { reasonOfRow[row] >= 0 }

  /// - Parameters:
  ///   - result: all rows as the step changed them.
  ///   - frame: the rows as they were before.
  ///   - changed: rows that were changed, rejected ones included.
  func outcome(
    of result: Frame, from frame: Frame, changed: Int,
    unreadable: [(column: String, count: Int)] = []
  ) -> RowOutcome {
    let rejected = reasons.indices.map { place in
      RejectedRows(
        reason: reasons[place], rows: frame.filtered(by: reasonOfRow.map { $0 == Int32(place) }))
    }
    return RowOutcome(
      frame: result.filtered(by: reasonOfRow.map { $0 < 0 }), changed: changed, rejected: rejected,
      unreadable: unreadable)
  }
}
