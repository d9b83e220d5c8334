/// The reference of functions as Markdown, made from the declarations that type and evaluate them.
public enum ExpressionReference {
  /// Functions of one row, then aggregates.
  public static var tables: String {
    var lines = ["## Functions", "", "| function | takes | |", "|---|---|---|"]
    for name in Function.names {
      guard let function = Function.named(name) else { continue }
      let takes = function.signatures.map { "`\($0.description)`" }
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      lines.append("| `\(name)` | \(takes.joined(separator: " ")) | \(function.about) |")
    }
    lines += [
      "", "## Aggregates", "",
      "Each may have `filter (where …)`; `count` may have `distinct`. Values that are null do not",
      "count.", "",
      "| aggregate | |", "|---|---|",
    ]
    for aggregate in AggregateFunction.allCases {
      lines.append("| `\(aggregate.rawValue)` | \(aggregate.about) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
