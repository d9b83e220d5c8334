import Diagnostics
import Frames

/// Walks over typed nodes and lets a grammar say what they are.
struct TypedPrinter {
  let dialect: Dialect
  let spelling: SQLSpelling
  let snippet: Snippet
  /// What stands for a column, where it is none of a relation.
  var replaced: [String: SQLTerm] = [:]

  private var grammar: any Grammar { dialect.grammar }

  func term(_ node: TypedNode) throws(Unprintable) -> SQLTerm {
    switch node.operation {
    case .column(let name): return column(name)
    case .constant(let value): return grammar.literal(value.literal, value.type)
    case .asOf: return grammar.asOf(spelling.asOf)
    case .call(let use, let arguments):
      if use.id.name == .not, let negated = try set(of: arguments[0], isNegated: true) {
        return negated
      }
      let terms = try terms(arguments)
      let call = PrintedCall(
        id: use.id, arguments: terms, nodes: arguments, type: node.type, spelling: spelling)
      return try expressed(node.range) { () throws(Inexpressible) in try grammar.call(call) }
    case .and(let operands), .or(let operands):
      if let set = try set(of: node, isNegated: false) { return set }
      let terms = try terms(operands)
      if case .and = node.operation { return grammar.and(terms) }
      return grammar.or(terms)
    case .coalesce(let operands): return grammar.coalesce(try terms(operands))
    case .choice(let branches, let otherwise):
      let conditions = try terms(branches.map(\.condition))
      let values = try terms(branches.map(\.value))
      return grammar.choice(Array(zip(conditions, values)), otherwise: try term(otherwise))
    }
  }

  func terms(_ nodes: [TypedNode]) throws(Unprintable) -> [SQLTerm] {
    var terms: [SQLTerm] = []
    for node in nodes { terms.append(try term(node)) }
    return terms
  }

  /// What a grammar says of something that stands at a place.
  func expressed<Value>(
    _ range: Range<Int>, _ say: () throws(Inexpressible) -> Value
  ) throws(Unprintable) -> Value {
    do throws(Inexpressible) {
      return try say()
    } catch {
      throw Unprintable(
        function: error.function, dialect: dialect.name, span: snippet.span(of: range))
    }
  }

  private func column(_ name: String) -> SQLTerm {
    replaced[name] ?? SQLTerm(spelling.column?(name) ?? grammar.identifier(name))
  }

  // MARK: In, between

  /// `in` and `between`, which are typed as the comparisons that they stand for; nil for anything else.
  private func set(of node: TypedNode, isNegated: Bool) throws(Unprintable) -> SQLTerm? {
    switch node.operation {
    case .or(let operands):
      guard operands.count > 1, let (value, items) = try sides(operands, [.equal]),
        operands.allSatisfy(\.comparesWithLiteral)
      else { return nil }
      return grammar.within(value, items, isNegated: isNegated)
    case .and(let operands):
      guard operands.count == 2,
        let (value, bounds) = try sides(operands, [.greaterOrEqual, .lessOrEqual]),
        case .call(let use, _) = operands[0].operation
      else { return nil }
      return grammar.between(
        value, bounds[0], bounds[1], isNegated: isNegated, use.id.takes[0])
    default: return nil
    }
  }

  /// What several comparisons compare, and with what; nil where it is not one value, or they are others.
  private func sides(
    _ nodes: [TypedNode], _ comparisons: [Comparison]
  ) throws(Unprintable) -> (SQLTerm, [SQLTerm])? {
    var value: SQLTerm?
    var others: [SQLTerm] = []
    for (place, node) in nodes.enumerated() {
      guard case .call(let use, let arguments) = node.operation,
        use.id.name == .comparison(comparisons[min(place, comparisons.count - 1)])
      else { return nil }
      let left = try term(arguments[0])
      guard value == nil || value == left else { return nil }
      value = left
      others.append(try term(arguments[1]))
    }
    return value.map { ($0, others) }
  }
}

extension TypedNode {
  /// Whether the right side of a comparison is a literal, or one that was converted.
  fileprivate var comparesWithLiteral: Bool {
    guard case .call(_, let arguments) = operation, arguments.count == 2 else { return false }
    guard case .call(let use, let inner) = arguments[1].operation else {
      return arguments[1].isConstant
    }
    return [.cast, .digits, .comparedDate].contains(use.id.name) && inner.allSatisfy(\.isConstant)
  }
}

extension TypedExpression {
  /// The expression in a dialect of SQL, from its types: every conversion stands in it, and a literal has
  /// the type that it was given.
  /// - Throws: where it uses what the dialect cannot say.
  public func sql(in dialect: Dialect, _ spelling: SQLSpelling) throws(Unprintable) -> String {
    try TypedPrinter(dialect: dialect, spelling: spelling, snippet: snippet).term(node).text
  }
}
