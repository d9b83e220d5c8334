import Diagnostics
import Frames

extension Typer {
  /// A quoted literal as a constant of a type.
  func literal(_ text: String, as type: ColumnType, _ range: Range<Int>) -> TypedNode? {
    if type == .text { return .constant(.constant(.text) { $0.append(text) }, range: range) }
    if type == .jsonb {
      error(.unsupportedSyntax, "jsonb values cannot be written in expressions", range)
      return nil
    }
    // Without an offset the instant depends on the zone, which is known only at evaluation.
    if type == .timestamptz, let time = TimeText.parse(text), time.offset == nil, !time.isInfinite {
      return literal(text, as: .timestamp, range).flatMap { convert($0, to: .timestamptz) }
    }
    let column = Vector.constant(.text) { $0.append(text) }
    let call = Invocation(
      selection: .all(1), context: EvaluationContext(asOf: Instant(microseconds: 0), zone: .utc),
      snippet: snippet, range: range)
    guard let kernel = TextCasts.kernel(from: .text, to: type),
      let value = try? kernel.run([column], call)
    else {
      error(
        .malformedLiteral, "the text is no value of type \(type.sqlName)", range,
        help: Self.help(for: type, text: text))
      return nil
    }
    return .constant(value, range: range)
  }

  private static func help(for type: ColumnType, text: String) -> String? {
    switch type {
    case .date, .timestamp, .timestamptz:
      ["now", "today", "yesterday", "tomorrow"].contains(text.lowercased())
        ? "use as_of for the instant that the run is for"
        : missingDay(text)
          ?? (type == .date
            ? "dates are written '2024-03-31'"
            : "times are written '2024-03-31 10:00:00', with an offset such as +08 if they have one")
    case .interval: "intervals are written '7 days' or '1 day 02:30:00'"
    case .bool: "write true or false"
    case .uuid: "UUIDs are written '00000000-0000-0000-0000-000000000000'"
    default: type.isNumber ? "write the number without quotes" : nil
    }
  }

  /// What to say of `1998-06-31`; nil for what is no such date.
  private static func missingDay(_ text: String) -> String? {
    let parts = text.prefix(10).split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, (1...9999).contains(parts[0]), (1...12).contains(parts[1]),
      case let days = TimeText.days(in: parts[1], of: parts[0]), parts[2] > days, parts[2] <= 31
    else { return nil }
    return "this day does not exist: the month has \(days) days"
  }

  // MARK: Casts

  func cast(
    _ syntax: SyntaxNode, _ name: SyntaxNode.TypeName, _ range: Range<Int>
  ) -> TypedNode? {
    guard let operand = operand(syntax) else { return nil }
    guard let type = type(name, for: operand) else { return nil }
    guard case .typed(let node) = operand else {
      guard let node = resolve(operand, as: type) else { return nil }
      return TypedNode(
        node.operation, type, range: range, isNullable: node.isNullable,
        isInfallible: node.isInfallible)
    }
    if node.type == type {
      var node = node
      // An enum that is cast to text compares as one.
      node.labels = nil
      return node
    }
    guard let kernel = Casts.kernel(from: node.type, to: type) else {
      error(
        .impossibleCast, "\(node.type.sqlName) cannot be cast to \(type.sqlName)", range,
        help: "say what it should become, for example with case when … then … end")
      return nil
    }
    return TypedNode(.cast, by: kernel, [node], type, range: range)
  }

  private func type(_ name: SyntaxNode.TypeName, for operand: Operand) -> ColumnType? {
    if name.name == "numeric" || name.name == "decimal" { return numeric(name, for: operand) }
    guard let type = ColumnType.namesInSQL[name.name] else {
      error(
        .unknownType, "there is no type '\(name.name)'", name.range,
        help: Suggestion.help(for: name.name, in: ColumnType.allNamesInSQL))
      return nil
    }
    if !name.modifiers.isEmpty {
      error(
        .unsupportedSyntax, "the type '\(name.name)' takes no modifier here", name.range,
        help: type == .text ? "use left(text, n) to cut a text" : "remove it")
      return nil
    }
    return type
  }

  private func numeric(_ name: SyntaxNode.TypeName, for operand: Operand) -> ColumnType? {
    if name.modifiers.isEmpty {
      switch operand {
      case .typed(let node) where node.type.isNumeric: return node.type
      case .typed(let node) where node.type.isInteger: return exactType(node)
      case .untyped(let text?, _):
        if let (value, scale) = Decimal.parse(text) {
          return .numeric(precision: max(Decimal.digits(value), scale, 1), scale: scale)
        }
        return .numeric(precision: ColumnType.maximumPrecision, scale: 0)
      default:
        error(
          .tooManyDigits, "the cast to numeric does not say how many digits", name.range,
          help: "write numeric(12,2), for example")
        return nil
      }
    }
    let precision = name.modifiers[0]
    let scale = name.modifiers.count > 1 ? name.modifiers[1] : 0
    guard name.modifiers.count <= 2, (1...ColumnType.maximumPrecision).contains(precision),
      (0...precision).contains(scale)
    else {
      error(
        .tooManyDigits,
        "numeric has 1 to \(ColumnType.maximumPrecision) digits here, and not more "
          + "of them after the point", name.range,
        help: "write numeric(12,2), for example")
      return nil
    }
    return .numeric(precision: precision, scale: scale)
  }
}
