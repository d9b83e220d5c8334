import Relations

/// Lineage as text: a tree from a column back to the sources, and what is made from it.
public struct LineageText {
  private let graph: LineageGraph

  public init(_ graph: LineageGraph) { self.graph = graph }

  /// Where each of some columns comes from, a line each.
  public func lines(of columns: [StageColumn]) -> [String] {
    columns.map { column in
      let lineage = graph.lineage(of: column) ?? ColumnLineage()
      let origins =
        lineage.source ?? lineage.origins.sorted().map(\.description).joined(separator: ", ")
      return "\(column)  ← \(origins)"
    }
  }

  /// Both directions for one column.
  public func lines(of column: StageColumn) -> [String] {
    var shown: Set<StageColumn> = []
    var lines = upstream(column, prefix: "", branch: "", &shown)
    var below: [String] = []
    shown = [column]
    for user in graph.users(of: column) { below += downstream(user, depth: 1, &shown) }
    if below.isEmpty {
      lines += ["", "nothing is made from it"]
    } else {
      lines += ["", "what is made from it"] + below
    }
    return lines
  }

  private func upstream(
    _ column: StageColumn, prefix: String, branch: String, _ shown: inout Set<StageColumn>
  ) -> [String] {
    let lineage = graph.lineage(of: column)
    var line = "\(prefix)\(branch)\(column)"
    if let source = lineage?.source { line += "  ← \(source)" }
    if let expressions = lineage?.expressions, !expressions.isEmpty {
      line += "  = \(Self.summary(expressions))"
    }
    let origins = (lineage?.origins ?? []).sorted()
    guard shown.insert(column).inserted else {
      return [origins.isEmpty ? line : "\(prefix)\(branch)\(column)  (shown above)"]
    }
    let indent = prefix + (branch.isEmpty ? "" : branch == "└ " ? "  " : "│ ")
    return [line]
      + origins.enumerated().flatMap { place, origin in
        upstream(
          origin, prefix: indent, branch: place == origins.count - 1 ? "└ " : "├ ", &shown)
      }
  }

  private func downstream(
    _ column: StageColumn, depth: Int, _ shown: inout Set<StageColumn>
  ) -> [String] {
    let line = String(repeating: "  ", count: depth) + column.description
    guard shown.insert(column).inserted else { return [] }
    return [line] + graph.users(of: column).flatMap { downstream($0, depth: depth + 1, &shown) }
  }

  private static func summary(_ expressions: [String]) -> String {
    let shown = expressions.prefix(3).map {
      $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return shown.joined(separator: ", then ")
      + (expressions.count > 3 ? ", and \(expressions.count - 3) more" : "")
  }
}

extension LineageGraph {
  /// The lineage of every column as JSON: an array of objects with stage, column, origins,
  /// expressions and, for what is read, source; for what is published, table.
  public var json: JSONValue {
    .array(
      columns.map { column in
        let lineage = lineage(of: column) ?? ColumnLineage()
        return .object([
          "stage": .string(column.stage), "column": .string(column.column),
          "table": table(of: column).map { .string($0) } ?? .null,
          "origins": .array(lineage.origins.sorted().map { .string($0.description) }),
          "expressions": .array(lineage.expressions.map { .string($0) }),
          "source": lineage.source.map { .string($0) } ?? .null,
        ])
      })
  }
}
