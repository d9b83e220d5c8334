import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Replaces values by others, from a table of them.
struct MapValues: Record, CleanStepKind {
  static let name = "map"
  static let about = "Replaces the values of a column by others, from a table of them."
  let column: ColumnName
  let to: EntriesByName<MappedValue, OrNull<Replacement>>
  let otherwise: RowStep.Map.Fallback

  init(_ keys: inout Keys) {
    column = keys("column", "Column of texts.", such: "status")
    to = keys("to", "Values as they are, each with what it becomes; null is no value.")
    otherwise = keys(
      "otherwise",
      "What becomes of a value that stands on neither side of the table: it stays, becomes null, or "
        + "its row is rejected.", default: .keep, shown: "keep")
  }

  var canReject: Bool { otherwise == .reject }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    guard var field = context.textField(column, in: shape, for: "mapped") else { return nil }
    var table: [[UInt8]: String?] = [:]
    for entry in to.entries { table[Array(entry.name.text.utf8)] = .some(entry.value.value?.text) }
    // What is right already stays.
    for case let target? in table.values where table[Array(target.utf8)] == nil {
      table[Array(target.utf8)] = target
    }
    if let labels = field.labels,
      !table.values.allSatisfy({ $0.map(labels.contains) ?? true })
    {
      let replaced = ReplacedLabels.of(field, at: column.span, context.report) { label in
        table[Array(label.utf8)] ?? (otherwise == .keep ? label : nil)
      }
      guard let replaced else { return nil }
      field.labels = replaced
    }
    let known = field.values
    let results = table.values.compactMap { $0 }
    switch otherwise {
    case .null, .reject: field.values = Set(results).sorted()
    case .keep:
      field.values = known.map { values in
        Set(values.compactMap { table[Array($0.utf8)] ?? $0 }).sorted()
      }
    }
    field.isNullable = field.isNullable || otherwise == .null || table.values.contains(nil)
    return .map(.init(field, table: table, otherwise: otherwise))
  }
}

/// A value as it stands in the rows.
struct MappedValue: EntryName {
  static let word = WordShape(name: "a value", example: "payed", pattern: "^")
  let text: String
  let span: SourceSpan

  init(parsing snippet: Snippet) throws {
    text = snippet.text
    span = snippet.span
  }
}

/// What a value becomes.
struct Replacement: Word {
  static let word = WordShape(name: "a value", example: "paid")
  let text: String

  init(parsing snippet: Snippet) throws { text = snippet.text }
}

extension RowStep.Map.Fallback: Choice {}
