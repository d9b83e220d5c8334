import Diagnostics
import Frames
import PipelineFiles
import Relations

/// How many rows of an input name somebody whom another input has.
struct KeyFinds: Sendable, Hashable {
  /// The input whose rows are counted, and the one in which they are looked up.
  let stage: String
  let other: String
  /// The columns by which they are looked up.
  let key: String
  let rows: Int
  /// Of these, rows whose key is null.
  let unnamed: Int
  /// Of these, rows whose key the other input has.
  let found: Int
  /// Which rows these are, such as `since 2026-05-18`; nil for all.
  var which: String?

  /// Fewer rows may all be of others.
  static let fewest = 10

  private var lost: Int { rows - found }
  private var share: Double { rows == 0 ? 0 : Double(lost) / Double(rows) }

  /// - Parameters:
  ///   - keys: of the rows that are counted.
  ///   - searched: of the other input.
  init(
    _ stage: String, _ keys: [Column], in other: String, _ searched: [Column], by key: [String]
  ) {
    self.stage = stage
    self.other = other
    self.key = key.joined(separator: ", ")
    rows = keys.first?.count ?? 0
    unnamed = (0..<rows).count { row in keys.contains { $0.isNull(row) } }
    found = rows == 0 ? 0 : KeyMatch(of: keys, in: searched).rows.count { $0 >= 0 }
  }

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
