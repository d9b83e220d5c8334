import Diagnostics
import PipelineFiles
import Relations

extension KeyFinds {
  /// Fewer rows may all be of others.
  static let fewest = 10

  /// Stops where nobody is found, which is nearly always a key in another form, or where more rows find
  /// nobody than may.
  /// - Parameters:
  ///   - most: the share of rows that may find nobody; nil to stop only where none of many does.
  ///   - place: where a file says so.
  /// - Throws: `StageFailure`.
  func check(atMost most: Double?, _ place: String) throws {
    let stops = most.map { share > $0 } ?? (found == 0 && rows >= Self.fewest)
    guard stops else { return }
    throw StageFailure(
      text,
      help:
        "ids that differ in case, blanks or leading zeros are others: bring both into one form; "
        + "to let them be, say unmatched: 100% \(place)", isBlockedByCheck: true)
  }

  private var text: String {
    "\(lost) of \(rows) \(rowsText) (\(PercentText.rounded(share))) find none in \(other) by \(key)"
      + (unnamed > 0 ? ": \(unnamed) have none" : "")
  }

  /// `rows of sends since 2026-05-18`
  var rowsText: String { "rows of \(stage)" + (which.map { " \($0)" } ?? "") }

  /// What to say of it; nil where every row finds somebody.
  var note: String? { lost > 0 ? text : nil }

  var details: JSONValue {
    .object([
      "stage": .string(stage), "in": .string(other), "rows": .integer(rows),
      "found": .integer(found), "without_key": .integer(unnamed),
    ])
  }
}

extension [KeyFinds] {
  /// Stops where rows of further inputs find nobody in the first, which has many.
  /// - Parameters:
  ///   - first: the input that decides the rows.
  ///   - most: the share of rows that may find nobody.
  func check(in first: String, atMost most: Double?) throws {
    let rows = self.first { $0.stage == first }?.rows ?? 0
    guard rows >= KeyFinds.fewest || most != nil else { return }
    for found in self where found.other == first {
      try found.check(atMost: most, "in the stage that joins them")
    }
  }
}
