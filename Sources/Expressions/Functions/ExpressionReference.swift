/// The reference of functions, made from the declarations that type and evaluate them.
public enum ExpressionReference {
  /// A function or an aggregate.
  public struct Entry: Sendable {
    public let name: String
    /// The types that it takes, each way once; empty for an aggregate, which takes what stands in
    /// its sentence.
    public let takes: [String]
    /// What it does, in one sentence.
    public let about: String
  }

  /// Functions of one row, by name.
  public static var functions: [Entry] {
    Function.names.compactMap(Function.named).map { function in
      let takes = function.signatures.map(\.description)
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      return Entry(name: function.name, takes: takes, about: function.about)
    }
  }

  public static var aggregates: [Entry] {
    Aggregate.all.map { Entry(name: $0.name, takes: [], about: $0.about) }
  }

  /// What holds for all aggregates, in lines of a page.
  public static let aboutAggregates = [
    "Each may have `filter (where …)`; `count` may have `distinct`. Values that are null do not",
    "count.",
  ]

  /// Both as Markdown.
  public static var tables: String {
    var lines = ["## Functions", "", "| function | takes | |", "|---|---|---|"]
    lines += functions.map { function in
      let takes = function.takes.map { "`\($0)`" }.joined(separator: " ")
      return "| `\(function.name)` | \(takes) | \(function.about) |"
    }
    lines += ["", "## Aggregates", ""] + aboutAggregates + ["", "| aggregate | |", "|---|---|"]
    lines += aggregates.map { "| `\($0.name)` | \($0.about) |" }
    return lines.joined(separator: "\n") + "\n"
  }
}
