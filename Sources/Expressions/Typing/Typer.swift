import Diagnostics
import Frames

/// Finds the type of every node after Postgres's rules, converts where Postgres would, and reports
/// what cannot be. A nil result means that the mistake was reported.
struct Typer {
  let snippet: Snippet
  let schema: Schema
  let report: Report
  /// Collects the aggregate calls where values of groups are typed; nil where values of rows are.
  var aggregates: AggregateCollector?

  /// What stands in an operator or argument: Postgres leaves quoted literals and null without a type
  /// until it sees what they meet.
  enum Operand {
    case typed(TypedNode)
    /// A quoted literal, or null where the text is nil.
    case untyped(String?, Range<Int>)

    var type: ColumnType? { if case .typed(let node) = self { node.type } else { nil } }

    var range: Range<Int> {
      switch self {
      case .typed(let node): node.range
      case .untyped(_, let range): range
      }
    }
  }

  func error(
    _ code: DiagnosticCode, _ message: String, _ range: Range<Int>, help: String? = nil
  ) {
    report.error(code, message, at: snippet.span(of: range), help: help)
  }

  /// A node of a type of its own; text where nothing says otherwise.
  func node(_ syntax: SyntaxNode) -> TypedNode? {
    operand(syntax).flatMap { resolve($0, as: .text) }
  }

  func operand(_ syntax: SyntaxNode) -> Operand? {
    switch syntax.kind {
    case .text(let text): .untyped(text, syntax.range)
    case .null: .untyped(nil, syntax.range)
    default: typed(syntax).map(Operand.typed)
    }
  }

  private func typed(_ syntax: SyntaxNode) -> TypedNode? {
    let range = syntax.range
    switch syntax.kind {
    case .text, .null: return nil
    case .number(let digits, let isDecimal): return number(digits, isDecimal: isDecimal, range)
    case .boolean(let value): return .constant(.constant(.bool) { $0.append(value) }, range: range)
    case .asOf: return TypedNode(.asOf, .timestamptz, range: range, isNullable: false)
    case .column(let reference): return column(reference, range)
    case .negate(let operand): return negation(operand, range)
    case .not(let operand):
      return boolean(operand).map { TypedNode(.not, by: .not, [$0], .bool, range: range) }
    case .and(let operands): return junction(operands, range, TypedNode.Operation.and)
    case .or(let operands): return junction(operands, range, TypedNode.Operation.or)
    case .binary(let op, let left, let right):
      guard let (left, right) = both(left, right) else { return nil }
      return binary(op, left, right, range)
    case .test(let operand, let test, let isNegated):
      guard let argument = test == .null ? node(operand) : boolean(operand) else { return nil }
      return TypedNode(
        .test(test, isNegated: isNegated), by: .test(test, isNegated: isNegated), [argument], .bool,
        range: range, isNullable: false,
        // Whether a value is there tells nothing of it; whether it is true is all that there is to tell.
        isPersonal: test == .null ? argument.hidesYesOrNo : argument.isPersonal)
    case .distinct(let left, let right, let isNegated):
      guard let (left, right) = both(left, right),
        let (a, b) = comparable(left, right, "is distinct from", range)
      else { return nil }
      return TypedNode(
        .distinct(isNegated: isNegated), by: .distinct(isNegated: isNegated), [a, b], .bool,
        range: range, isNullable: false, isPersonal: tellsPersonal(a, b))
    case .within(let operand, let list, let isNegated):
      return within(operand, list, isNegated, range)
    case .between(let operand, let low, let high, let isNegated):
      return between(operand, low, high, isNegated, range)
    case .like(let operand, let pattern, let escape, let ignoresCase, let isNegated):
      return like(operand, pattern, escape, ignoresCase: ignoresCase, isNegated: isNegated, range)
    case .cast(let operand, let type): return cast(operand, type, range)
    case .choice(let operand, let branches, let otherwise):
      return choice(operand, branches, otherwise, range)
    case .call(let call): return self.call(call, range)
    }
  }

  /// Whether a comparison tells what is personal: of a yes-or-no it tells the value itself.
  func tellsPersonal(_ a: TypedNode, _ b: TypedNode) -> Bool {
    a.type == .bool && (a.isPersonal || b.isPersonal)
  }

  /// Types both, so that mistakes in both are reported.
  func both(_ left: SyntaxNode, _ right: SyntaxNode) -> (Operand, Operand)? {
    let (a, b) = (operand(left), operand(right))
    guard let a, let b else { return nil }
    return (a, b)
  }

  // MARK: Leaves

  private func number(_ digits: String, isDecimal: Bool, _ range: Range<Int>) -> TypedNode? {
    if !isDecimal, let value = Int64(digits) {
      let type: ColumnType = Int32(exactly: value) == nil ? .int8 : .int4
      return .constant(.constant(type) { $0.append(value) }, range: range)
    }
    guard let (value, scale) = Decimal.parse(digits, maximumScale: 38),
      Decimal.digits(value) <= ColumnType.maximumPrecision
    else {
      error(
        .tooManyDigits, "the number has more than \(ColumnType.maximumPrecision) digits", range,
        help: "write it as a float8: '1e50'::float8")
      return nil
    }
    let type = ColumnType.numeric(precision: max(Decimal.digits(value), scale, 1), scale: scale)
    return .constant(numericConstant(value, type), range: range)
  }

  func numericConstant(_ value: Int128, _ type: ColumnType) -> Vector {
    .constant(type) {
      if type.storage == .int64 {
        $0.append(Int64(truncatingIfNeeded: value))
      } else {
        $0.append(value)
      }
    }
  }

  private func column(_ reference: ColumnReference, _ range: Range<Int>) -> TypedNode? {
    if schema.unknown.contains(reference.key) { return nil }
    if schema[reference.key] == nil, let why = schema.unread[reference.key] {
      error(
        .unknownColumn, "the column '\(reference.key)' \(why)", range,
        help: "read the table with a SELECT that casts it or leaves it out")
      return nil
    }
    guard let field = schema[reference.key] else {
      error(
        .unknownColumn, "there is no column '\(reference.key)'", range,
        help: unknownColumnHelp(reference))
      return nil
    }
    if aggregates != nil {
      error(
        .ungroupedColumn, "the column '\(reference.key)' stands outside of an aggregate", range,
        help: "there are several rows for each result: write max(\(reference.key)), for example")
      return nil
    }
    var node = TypedNode(
      .column(field.name), field.type, range: range, isNullable: field.isNullable,
      isPersonal: field.isPersonal)
    node.labels = field.labels
    return node
  }

  private func unknownColumnHelp(_ reference: ColumnReference) -> String? {
    if ["current_date", "current_timestamp", "localtimestamp", "now"].contains(reference.key) {
      return "use as_of for the instant that the run is for"
    }
    if let near = Suggestion.nearest(to: reference.key, in: schema.names),
      Suggestion.needsQuotes(near)
    {
      return
        "did you mean \(quotedName(near))? Its name needs the double quotes"
    }
    return reference.isQuoted && reference.qualifier == nil
      && Suggestion.nearest(to: reference.key, in: schema.names) == nil
      ? "double quotes name a column: use single quotes for a text"
      : Suggestion.help(forColumn: reference.key, in: schema)
  }

  // MARK: Logic

  /// A node that must be boolean.
  func boolean(_ syntax: SyntaxNode) -> TypedNode? {
    guard let operand = operand(syntax) else { return nil }
    guard let type = operand.type, type != .bool else { return resolve(operand, as: .bool) }
    error(
      .wrongType, "a condition must be true or false, found \(type.sqlName)", operand.range,
      help: "compare it with something")
    return nil
  }

  private func junction(
    _ syntaxes: [SyntaxNode], _ range: Range<Int>,
    _ make: ([TypedNode]) -> TypedNode.Operation
  ) -> TypedNode? {
    let operands = syntaxes.map(boolean)
    let nodes = operands.compactMap(\.self)
    guard nodes.count == operands.count else { return nil }
    return junction(nodes, range, make)
  }

  func junction(
    _ nodes: [TypedNode], _ range: Range<Int>, _ make: ([TypedNode]) -> TypedNode.Operation
  ) -> TypedNode {
    TypedNode(
      make(nodes), .bool, range: range, isNullable: nodes.contains(where: \.isNullable),
      isPersonal: nodes.contains(where: \.isPersonal),
      isInfallible: nodes.allSatisfy(\.isInfallible))
  }

  // MARK: Conversion

  /// Gives an untyped literal a type; a typed node stays as it is.
  func resolve(_ operand: Operand, as type: ColumnType) -> TypedNode? {
    switch operand {
    case .typed(let node): return node
    case .untyped(nil, let range): return .constant(.null(type), range: range)
    case .untyped(let text?, let range): return literal(text, as: type, range)
    }
  }

  /// Converts to a type to which Postgres converts by itself.
  func convert(_ node: TypedNode, to type: ColumnType) -> TypedNode? {
    if node.type == type { return node }
    guard let kernel = Casts.kernel(from: node.type, to: type) else { return nil }
    return TypedNode(.cast, by: kernel, [node], type, range: node.range)
  }

  /// Resolves and converts; nil only after a message.
  func convert(_ operand: Operand, to type: ColumnType) -> TypedNode? {
    guard let node = resolve(operand, as: type) else { return nil }
    if let converted = convert(node, to: type) { return converted }
    error(
      .incompatibleTypes, "\(node.type.sqlName) does not become \(type.sqlName) by itself",
      node.range, help: "cast it: ::\(type.sqlName)")
    return nil
  }
}
