import Expressions
import PipelineFiles

/// The reference of functions for a terminal.
struct FunctionText {
  private let layout: ReferenceLayout

  init(width: Int) { layout = ReferenceLayout(width: width) }

  static let names = (ExpressionReference.functions + ExpressionReference.aggregates).map(\.name)

  /// All functions and aggregates, each with its sentence.
  var list: [String] {
    ["Functions of one row:"] + table(ExpressionReference.functions)
      + ["", "Aggregates, in features and labels:"] + table(ExpressionReference.aggregates)
      + layout.wrapped(ExpressionReference.aboutAggregates.joined(separator: " "))
      + [""]
      + layout.wrapped(
        "Beside them there are case, cast, coalesce, nullif, greatest, least and the operators of SQL."
      )
  }

  private func table(_ entries: [ExpressionReference.Entry]) -> [String] {
    layout.table(entries.map { ("  " + $0.name, [$0.about]) })
  }

  /// What a function takes and does; nil where there is none of the name.
  func function(_ name: String) -> [String]? {
    let functions = ExpressionReference.functions.filter { $0.name == name }
    let aggregates = ExpressionReference.aggregates.filter { $0.name == name }
    guard !functions.isEmpty || !aggregates.isEmpty else { return nil }
    var lines: [String] = []
    for function in functions {
      lines += layout.wrapped("\(name): \(function.about)") + [""]
      lines += function.takes.map { "  \(name)\($0)" }
    }
    for aggregate in aggregates {
      lines += layout.wrapped("\(name), an aggregate: \(aggregate.about)") + [""]
      lines += layout.wrapped(ExpressionReference.aboutAggregates.joined(separator: " "))
    }
    return lines
  }
}
