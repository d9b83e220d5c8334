import Diagnostics

/// An SQL expression that was parsed but not yet typed.
public struct Expression: Sendable {
  /// What was written; maps every offset of the text to the file.
  public let snippet: Snippet
  let root: SyntaxNode

  /// - Throws: the first mistake, pointing at the token in the file.
  public init(parsing snippet: Snippet) throws(Diagnostic) {
    self.snippet = snippet
    var parser = try Parser(snippet)
    root = try parser.parse()
  }

  /// The columns it names, in the order of writing, each as often as it is named.
  public var columnReferences: [ColumnReference] {
    var references: [ColumnReference] = []
    root.visit { if case .column(let reference) = $0.kind { references.append(reference) } }
    return references
  }

  /// Whether an aggregate such as `count(*)` stands in it.
  public var containsAggregate: Bool {
    var found = false
    root.visit { node in
      if case .call(let call) = node.kind, Aggregate.named(call.name) != nil {
        found = true
      }
    }
    return found
  }

  /// The expression as SQL, with every operand that is not a single value in parentheses.
  public var sql: String { SQLPrinter().print(root) }
}
