/// Prints expressions as SQL that parses to the same expression.
struct SQLPrinter {
  func print(_ node: SyntaxNode) -> String {
    switch node.kind {
    case .number(let digits, _): digits
    case .text(let text): quote(text)
    case .boolean(let value): value ? "true" : "false"
    case .null: "null"
    case .asOf: "as_of"
    case .column(let column):
      [column.qualifier, column.name].compactMap(\.self).map(name).joined(separator: ".")
    case .negate(let operand): "- \(nested(operand))"
    case .not(let operand): "not \(nested(operand))"
    case .and(let operands): operands.map(nested).joined(separator: " and ")
    case .or(let operands): operands.map(nested).joined(separator: " or ")
    case .binary(let op, let left, let right): "\(nested(left)) \(op.rawValue) \(nested(right))"
    case .test(let operand, let test, let isNegated):
      "\(nested(operand)) is \(isNegated ? "not " : "")\(test.rawValue)"
    case .distinct(let left, let right, let isNegated):
      "\(nested(left)) is \(isNegated ? "not " : "")distinct from \(nested(right))"
    case .within(let operand, let list, let isNegated):
      "\(nested(operand)) \(isNegated ? "not " : "")in (\(arguments(list)))"
    case .between(let operand, let low, let high, let isNegated):
      "\(nested(operand)) \(isNegated ? "not " : "")between \(nested(low)) and \(nested(high))"
    case .like(let operand, let pattern, let escape, let ignoresCase, let isNegated):
      "\(nested(operand)) \(isNegated ? "not " : "")\(ignoresCase ? "ilike" : "like") "
        + nested(pattern) + (escape.map { " escape \(nested($0))" } ?? "")
    case .cast(let operand, let type): "cast(\(print(operand)) as \(type.sql))"
    case .choice(let operand, let branches, let otherwise):
      (["case"] + [operand].compactMap(\.self).map(nested)
        + branches.map { "when \(print($0.condition)) then \(print($0.value))" }
        + [otherwise].compactMap(\.self).map { "else \(print($0))" } + ["end"])
        .joined(separator: " ")
    case .call(let call): printed(call)
    }
  }

  private func printed(_ call: SyntaxNode.Call) -> String {
    if call.name == "extract", call.arguments.count == 2,
      case .text(let field) = call.arguments[0].kind
    {
      return "extract(\(name(field)) from \(print(call.arguments[1])))"
    }
    let inside =
      call.isStar ? "*" : (call.isDistinct ? "distinct " : "") + arguments(call.arguments)
    let order = call.ordered.map { " within group (order by \(print($0)))" } ?? ""
    let filter = call.filter.map { " filter (where \(print($0)))" } ?? ""
    return "\(call.name)(\(inside))\(order)\(filter)"
  }

  private func arguments(_ nodes: [SyntaxNode]) -> String {
    nodes.map(print).joined(separator: ", ")
  }

  private func nested(_ node: SyntaxNode) -> String {
    switch node.kind {
    case .number(let digits, _) where digits.hasPrefix("-"): "(\(digits))"
    case .number, .text, .boolean, .null, .asOf, .column, .call, .cast: print(node)
    default: "(\(print(node)))"
    }
  }

  private func quote(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }

  private func name(_ name: String) -> String { quotedName(name) }
}

extension SyntaxNode.TypeName {
  var sql: String {
    modifiers.isEmpty
      ? name : "\(name)(\(modifiers.map(String.init).joined(separator: ", ")))"
  }
}
