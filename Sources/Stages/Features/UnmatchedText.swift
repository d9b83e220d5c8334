import Diagnostics
import PipelineFiles
import Relations

extension Unmatched {
  /// Below this nobody needs to look into it.
  static let told = 0.01
  /// Fewer rows may all be of people who are no customers.
  static let fewestRows = 10

  /// What to say of it; nil where every row finds its entity.
  func text(of entity: StageColumn) -> String? {
    guard unnamed + unknown > 0 else { return nil }
    let parts = [
      unnamed > 0 ? "\(unnamed) have no \(column)" : nil,
      unknown > 0 ? "\(unknown) one that \(entity.stage) has not" : nil,
    ].compactMap { $0 }
    let with = sums.map { "\(PercentText.rounded($0.share)) of \($0.text)" }
    return
      "\(unnamed + unknown) of \(rows) rows of \(stage) (\(PercentText.rounded(share))) belong to no "
      + "\(entity.column) of \(entity.stage): \(parts.joined(separator: ", "))"
      + (with.isEmpty ? "" : "; with them \(with.joined(separator: ", "))")
  }

  var details: JSONValue {
    .object([
      "rows": .integer(rows), "without_entity": .integer(unnamed),
      "unknown_entity": .integer(unknown),
      "sums": .object(
        Dictionary(sums.map { ($0.text, .number($0.share)) }, uniquingKeysWith: { a, _ in a })),
    ])
  }
}
