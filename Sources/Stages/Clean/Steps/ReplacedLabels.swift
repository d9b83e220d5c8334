import Diagnostics
import Frames
import PipelineFiles

/// What becomes of an enum whose values are replaced one by one.
enum ReplacedLabels {
  /// The labels in their order, each as what it becomes.
  /// - Parameters:
  ///   - field: of texts or an enum.
  ///   - replacement: what becomes of a label; nil where nothing does.
  /// - Returns: nil where labels that become one do not lie side by side, so that there is no order for
  ///   what it becomes, which the report then says.
  static func of(
    _ field: Field, at span: SourceSpan, _ report: Report, _ replacement: (String) -> String?
  ) -> [String]?? {
    guard let labels = field.labels else { return .some(nil) }
    var replaced: [String] = []
    for label in labels {
      guard let text = replacement(label), replaced.last != text else { continue }
      guard !replaced.contains(text) else {
        let order = labels.joined(separator: ", ")
        report.error(
          .wrongType,
          "'\(field.name)' is an enum, and '\(text)' would have no place in its order: \(order)",
          at: span,
          help: "make it a text before, which compares by its letters: set: { \(field.name): "
            + "\(ColumnSQL.name(field.name))::text }")
        return nil
      }
      replaced.append(text)
    }
    return .some(replaced)
  }
}
