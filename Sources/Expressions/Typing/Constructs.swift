import Diagnostics
import Frames

/// The constructs with words of their own: `in`, `between`, `case`, `coalesce`, `nullif`, `greatest`.
extension Typer {
  func within(
    _ syntax: SyntaxNode, _ list: [SyntaxNode], _ isNegated: Bool, _ range: Range<Int>
  ) -> TypedNode? {
    let (value, items) = (operand(syntax), list.map(operand))
    guard let value, !items.contains(where: { $0 == nil }) else { return nil }
    let tests = items.compactMap(\.self).map { item in
      binary(.equal, value, item, range)
    }
    let nodes = tests.compactMap(\.self)
    guard nodes.count == items.count else { return nil }
    let isIn = junction(nodes, range, TypedNode.Operation.or)
    return isNegated ? TypedNode(.not, by: .not, [isIn], .bool, range: range) : isIn
  }

  func between(
    _ syntax: SyntaxNode, _ low: SyntaxNode, _ high: SyntaxNode, _ isNegated: Bool,
    _ range: Range<Int>
  ) -> TypedNode? {
    let (value, low, high) = (operand(syntax), operand(low), operand(high))
    guard let value, let low, let high,
      let isAbove = binary(.greaterOrEqual, value, low, range),
      let isBelow = binary(.lessOrEqual, value, high, range)
    else { return nil }
    let isBetween = junction([isAbove, isBelow], range, TypedNode.Operation.and)
    return isNegated ? TypedNode(.not, by: .not, [isBetween], .bool, range: range) : isBetween
  }

  /// All operands in the type that Postgres gives to them together; text if none has one.
  func unified(_ operands: [Operand], _ what: String, _ range: Range<Int>) -> [TypedNode]? {
    var common: ColumnType?
    let hasNumeric = operands.contains { $0.type?.isNumeric ?? false }
    for case .typed(let node) in operands {
      // Next to a numeric an integer literal needs only its own digits.
      let type =
        hasNumeric && node.literalInteger != nil && node.type.isInteger
        ? exactType(node) : node.type
      guard let wider = Casts.common(common ?? type, type) else {
        error(
          .incompatibleTypes,
          "\(what) has values of types \((common ?? type).sqlName) and \(type.sqlName)", node.range,
          help: "cast one of them")
        return nil
      }
      common = wider
    }
    guard let labels = commonLabels(operands, what) else { return nil }
    var nodes = operands.map { convert($0, to: common ?? .text) }.compactMap(\.self)
    for place in nodes.indices { nodes[place].labels = labels }
    return nodes.count == operands.count ? nodes : nil
  }

  func choice(
    _ operand: SyntaxNode?, _ branches: [SyntaxNode.Branch], _ otherwise: SyntaxNode?,
    _ range: Range<Int>
  ) -> TypedNode? {
    let compared = operand.map { self.operand($0) }
    if case .some(.none) = compared { return nil }
    let conditions = branches.map { branch -> TypedNode? in
      guard let compared = compared.flatMap(\.self) else { return boolean(branch.condition) }
      return self.operand(branch.condition).flatMap {
        binary(.equal, compared, $0, branch.condition.range)
      }
    }
    let fallback = otherwise.map(self.operand) ?? .untyped(nil, range)
    let values = branches.map { self.operand($0.value) } + [fallback]
    guard !conditions.contains(where: { $0 == nil }), !values.contains(where: { $0 == nil }),
      let nodes = unified(values.compactMap(\.self), "case", range)
    else { return nil }
    let known = conditions.compactMap(\.self)
    let all = known + nodes
    var node = TypedNode(
      .choice(Array(zip(known, nodes)), otherwise: nodes[nodes.count - 1]), nodes[0].type,
      range: range, isNullable: nodes.contains(where: \.isNullable),
      isPersonal: all.contains(where: \.isPersonal),
      isInfallible: all.allSatisfy(\.isInfallible))
    node.labels = nodes[0].labels
    return node
  }

  /// `coalesce`, `nullif`, `greatest` and `least`: functions to read, but not strict ones.
  func construct(_ call: SyntaxNode.Call, _ range: Range<Int>) -> TypedNode? {
    let operands = call.arguments.map(operand)
    let known = operands.compactMap(\.self)
    guard known.count == operands.count else { return nil }
    if call.name == "nullif" { return nullIf(known, call, range) }
    guard !known.isEmpty else {
      error(
        .noSuchSignature, "\(call.name) needs at least one argument", range,
        help: "write \(call.name)(a, b)")
      return nil
    }
    guard let nodes = unified(known, call.name, range) else { return nil }
    if call.name == "coalesce" {
      var node = TypedNode(
        .coalesce(nodes), nodes[0].type, range: range,
        isNullable: nodes.allSatisfy(\.isNullable), isPersonal: nodes.contains(where: \.isPersonal),
        isInfallible: nodes.allSatisfy(\.isInfallible))
      node.labels = nodes[0].labels
      return node
    }
    if nodes[0].type == .jsonb {
      error(.operatorMismatch, "jsonb values cannot be compared", range)
      return nil
    }
    let isGreatest = call.name == "greatest"
    let isNullable = nodes.allSatisfy(\.isNullable)
    if let labels = nodes[0].labels {
      let best = TypedNode(
        .extreme(isGreatest: isGreatest), by: .extreme(greatest: isGreatest),
        nodes.map { placed($0, labels) }, .int4, range: range,
        isNullable: isNullable)
      return label(at: best, labels, range: range)
    }
    return TypedNode(
      .extreme(isGreatest: isGreatest), by: .extreme(greatest: isGreatest), nodes, nodes[0].type,
      range: range, isNullable: isNullable)
  }

  private func nullIf(
    _ operands: [Operand], _ call: SyntaxNode.Call, _ range: Range<Int>
  ) -> TypedNode? {
    guard operands.count == 2 else {
      error(
        .noSuchSignature, "nullif takes two arguments, found \(operands.count)", range,
        help: "write nullif(a, b): null where they are equal, otherwise a")
      return nil
    }
    guard let (a, b) = comparable(operands[0], operands[1], "nullif", range),
      let value = nullIfValue(operands[0], comparedAs: a, operands[1])
    else { return nil }
    var node = TypedNode(
      .nullIf, by: .nullIf, [value, a, b], value.type, range: range, isNullable: true)
    node.labels = value.labels
    return node
  }

  /// The first argument, in the type to which Postgres's `=` promotes it.
  private func nullIfValue(
    _ operand: Operand, comparedAs a: TypedNode, _ other: Operand
  ) -> TypedNode? {
    guard case .typed(let node) = operand else { return a }
    guard let second = other.type, node.type != second else { return node }
    // Postgres compares integers of different widths, and times of different kinds, as they are.
    if node.type.isInteger, second.isInteger { return node }
    if node.type.isTime || (node.type.isFloat && second.isFloat) || node.type.isNumeric,
      !second.isFloat || node.type.isFloat
    {
      return node
    }
    if second.isNumeric, node.type.isInteger { return convert(node, to: exactType(node)) }
    return convert(node, to: .float8)
  }

  static let constructs: Set<String> = ["coalesce", "nullif", "greatest", "least"]
}
