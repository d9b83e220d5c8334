import Diagnostics
import Frames

extension Typer {
  func call(_ call: SyntaxNode.Call, _ range: Range<Int>) -> TypedNode? {
    if let aggregate = Aggregate.named(call.name) {
      return self.aggregate(aggregate, call, range)
    }
    if call.isStar || call.isDistinct || call.filter != nil || call.ordered != nil {
      let what =
        call.isStar
        ? "*" : call.isDistinct ? "distinct" : call.ordered != nil ? "within group" : "filter"
      error(
        .noSuchSignature, "\(call.name) is no aggregate: it takes no \(what)", range,
        help: "remove it")
      return nil
    }
    if Self.constructs.contains(call.name) { return construct(call, range) }
    guard let function = Function.named(call.name) else {
      unknownFunction(call)
      return nil
    }
    let operands = call.arguments.map(operand)
    let arguments = operands.compactMap(\.self)
    guard arguments.count == operands.count else { return nil }
    return apply(function, arguments, range)
  }

  private func unknownFunction(_ call: SyntaxNode.Call) {
    error(
      .unknownFunction, "there is no function '\(call.name)'", call.nameRange,
      help: Self.remedy(for: call.name))
  }

  /// What to use in place of a function that there is not.
  private static func remedy(for name: String) -> String? {
    switch name {
    case "now", "current_date", "current_timestamp", "random":
      "use as_of for the instant that the run is for"
    case "if", "iff": "use case when … then … else … end"
    case "ifnull", "nvl": "use coalesce"
    case "age": "use age_days(a, b) for days, or a - b"
    case "lag", "lead", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile",
      "first_value", "last_value", "nth_value":
      Parser.windowFunctionHelp
    default:
      Suggestion.nearest(
        to: name,
        in: Function.names + Aggregate.names + constructs.sorted() + ["trim", "cast"]
      ).map { "did you mean '\($0)'?" } ?? "roost help functions lists all"
    }
  }

  private func apply(
    _ function: Function, _ arguments: [Operand], _ range: Range<Int>
  ) -> TypedNode? {
    let candidates = function.signatures.compactMap { signature in
      cost(of: signature, arguments).map { (signature: signature, cost: $0) }
    }
    guard let best = candidates.min(by: { $0.cost < $1.cost })?.signature else {
      noSignature(function, arguments, range)
      return nil
    }
    var nodes: [TypedNode] = []
    for (index, argument) in arguments.enumerated() {
      guard let node = prepared(argument, best.parameter(index)) else { return nil }
      nodes.append(node)
    }
    let instance: (type: ColumnType, kernel: Kernel)?
    do throws(LiteralMistake) {
      instance = try best.instantiate(nodes)
    } catch {
      self.error(
        .invalidArgument, error.message, nodes[error.argument].range, help: error.help)
      return nil
    }
    guard let (type, kernel) = instance else {
      error(
        .noSuchSignature, "\(function.name) does not take these literal values", range,
        help: function.about)
      return nil
    }
    let isNullable: Bool? =
      switch best.nulls {
      case .strict: nil
      case .never: false
      case .always: true
      }
    return TypedNode(
      .function(function.name), by: kernel, nodes, type, range: range, isNullable: isNullable)
  }

  /// How far the arguments are from a signature; nil if they cannot be converted to it. As in
  /// Postgres the number of conversions counts first, then how many of them are not to a preferred
  /// type.
  private func cost(of signature: Signature, _ arguments: [Operand]) -> Int? {
    guard signature.takes(arguments.count) else { return nil }
    var total = 0
    for (index, argument) in arguments.enumerated() {
      guard let parameter = signature.parameter(index),
        let cost = cost(of: parameter, argument)
      else { return nil }
      total += cost
    }
    return total
  }

  private func cost(of parameter: Signature.Parameter, _ argument: Operand) -> Int? {
    guard case .typed(let node) = argument else {
      // Postgres prefers text for a quoted literal, then float8 and timestamptz.
      return switch parameter {
      case .exactly(.text), .literal(.text), .printed: 0
      case .exactly(.float8), .exactly(.timestamptz): 1
      case .exactly: 2
      case .literal, .numeric: nil
      }
    }
    switch parameter {
    case .printed: return 0
    case .numeric: return node.type.isNumeric ? 0 : node.type.isInteger ? 102 : nil
    case .literal(let type):
      return type == .int4 && node.type == .int4 && node.literalInteger != nil ? 0 : nil
    case .exactly(let type):
      if node.type == type { return 0 }
      guard Casts.isImplicit(from: node.type, to: type) else { return nil }
      return type == .float8 || type == .timestamptz ? 101 : 102
    }
  }

  private func prepared(_ argument: Operand, _ parameter: Signature.Parameter?) -> TypedNode? {
    switch parameter {
    case .exactly(let type), .literal(let type): return convert(argument, to: type)
    case .numeric:
      return resolve(argument, as: .float8).flatMap { convert($0, to: exactType($0)) }
    case .printed, nil:
      guard let node = resolve(argument, as: .text) else { return nil }
      // concat prints a boolean as t or f, unlike a cast.
      if node.type == .bool {
        let (yes, no) = (literal("t", as: .text, node.range), literal("f", as: .text, node.range))
        guard let yes, let no else { return nil }
        let null = TypedNode.constant(.null(.text), range: node.range)
        let isFalse = TypedNode(.not, by: .not, [node], .bool, range: node.range)
        return TypedNode(
          .choice([(node, yes), (isFalse, no)], otherwise: null), .text, range: node.range,
          isNullable: node.isNullable, isPersonal: node.isPersonal,
          isInfallible: node.isInfallible)
      }
      return convert(node, to: .text)
    }
  }

  private func noSignature(_ function: Function, _ arguments: [Operand], _ range: Range<Int>) {
    let types = arguments.map { $0.type?.sqlName ?? "text" }.joined(separator: ", ")
    let forms = function.signatures.map { function.name + $0.description }
    let help =
      function.name == "round" && arguments.count == 2
      ? "round to places works on numeric with a literal number of places: "
        + "round(x::numeric(12,2), 2)"
      : "it takes " + forms.joined(separator: " or ")
    error(
      .noSuchSignature, "there is no \(function.name)(\(types))", range, help: help)
  }
}
