import Diagnostics
import Frames

extension Typer {
  func binary(
    _ op: BinaryOperator, _ left: Operand, _ right: Operand, _ range: Range<Int>
  ) -> TypedNode? {
    if let comparison = Comparison(op) { return compare(comparison, op, left, right, range) }
    if op == .concatenate { return concatenation(left, right, range) }
    if let test = PatternTest(op) { return matches(test, op, left, right, range) }
    guard let (a, b) = arithmeticOperands(op, left, right, range) else { return nil }
    if a.type.isNumber, b.type.isNumber { return arithmetic(op, a, b, range) }
    guard let (first, second, result, kernel) = TimeArithmetic.resolve(op, a.type, b.type),
      let x = convert(a, to: first), let y = convert(b, to: second)
    else {
      mismatch(op.rawValue, a.type, b.type, range)
      return nil
    }
    return TypedNode(.arithmetic(op), by: kernel, [x, y], result, range: range)
  }

  func mismatch(_ op: String, _ a: ColumnType, _ b: ColumnType, _ range: Range<Int>) {
    let help: String? =
      op == "+" && (a == .text || b == .text)
      ? "texts are joined with ||"
      : a == .text && b.isNumber || b == .text && a.isNumber
        ? "cast the text, for example with ::integer"
        : a == b ? "there is no such operation; name columns of other types" : "cast one of them"
    error(
      .operatorMismatch, "the operator \(op) does not work on \(a.sqlName) and \(b.sqlName)", range,
      help: help)
  }

  /// An untyped literal takes the other operand's type; next to a time it is an interval, unless it
  /// is the time that a date or time is subtracted from.
  private func arithmeticOperands(
    _ op: BinaryOperator, _ left: Operand, _ right: Operand, _ range: Range<Int>
  ) -> (TypedNode, TypedNode)? {
    guard let known = left.type ?? right.type else {
      error(
        .operatorMismatch, "the operator \(op.rawValue) does not work on two quoted literals",
        range,
        help: "write numbers without quotes")
      return nil
    }
    let isShift = op == .add && known.isTime && known != .date
    let isScaling = (op == .multiply || op == .divide) && known == .interval
    let other: ColumnType = isShift ? .interval : isScaling ? .float8 : known
    guard let a = resolve(left, as: other), let b = resolve(right, as: other) else { return nil }
    return (a, b)
  }

  // MARK: Numbers

  private func arithmetic(
    _ op: BinaryOperator, _ a: TypedNode, _ b: TypedNode, _ range: Range<Int>
  ) -> TypedNode? {
    if a.type.isInteger, b.type.isInteger, op != .power {
      if op == .divide { warnOfCutOffFraction(a, b, range) }
      let type = [ColumnType.int8, .int4, .int2].first { $0 == a.type || $0 == b.type } ?? .int8
      return TypedNode(
        .arithmetic(op), by: .integer(op, type), [a, b], type, range: range)
    }
    if !a.type.isFloat, !b.type.isFloat, op != .divide, op != .power {
      return exact(op, a, b, range)
    }
    if op == .remainder {
      mismatch(op.rawValue, a.type, b.type, range)
      return nil
    }
    let type: ColumnType =
      a.type == .float4 && b.type == .float4 && op != .power ? .float4 : .float8
    guard let x = convert(a, to: type), let y = convert(b, to: type) else { return nil }
    return TypedNode(
      .arithmetic(op), by: op == .power ? .power : .float(op, type), [x, y], type, range: range)
  }

  /// The numeric type that holds every value of an exact number; a literal needs only its own digits.
  func exactType(_ node: TypedNode) -> ColumnType {
    if node.type.isInteger, let value = node.literalInteger {
      return .numeric(precision: Decimal.digits(Int128(value)), scale: 0)
    }
    let (precision, scale) = node.type.exactDigits
    return .numeric(precision: precision, scale: scale)
  }

  /// `+ - * %` of numerics. The scale is Postgres's; the digits are what the result can need, at
  /// most 38.
  private func exact(
    _ op: BinaryOperator, _ a: TypedNode, _ b: TypedNode, _ range: Range<Int>
  ) -> TypedNode? {
    let (x, y) = (exactType(a).exactDigits, exactType(b).exactDigits)
    let limit = ColumnType.maximumPrecision
    let scale = op == .multiply ? x.scale + y.scale : max(x.scale, y.scale)
    let whole = max(x.precision - x.scale, y.precision - y.scale)
    let precision =
      op == .multiply ? x.precision + y.precision : whole + scale + (op == .remainder ? 0 : 1)
    guard scale <= limit else {
      error(
        .tooManyDigits, "the product has \(scale) digits after the point, more than \(limit)",
        range,
        help: "round a factor first, or cast it to float8")
      return nil
    }
    let type = ColumnType.numeric(precision: min(precision, limit), scale: scale)
    func operand(_ node: TypedNode, _ digits: (precision: Int, scale: Int)) -> TypedNode {
      let held = type.storage == .int64 ? ColumnType.precisionOf64Bits : limit
      let target = ColumnType.numeric(
        precision: held, scale: op == .multiply ? digits.scale : scale)
      return TypedNode(
        .digits, by: .rescale(from: exactType(node), to: target), [node], target, range: node.range)
    }
    return TypedNode(
      .arithmetic(op), by: .numeric(op, type, isCapped: precision > limit),
      [operand(a, x), operand(b, y)], type, range: range)
  }

  func negation(_ syntax: SyntaxNode, _ range: Range<Int>) -> TypedNode? {
    guard let node = operand(syntax).flatMap({ resolve($0, as: .float8) }) else { return nil }
    guard node.type.isNumber || node.type == .interval else {
      error(
        .operatorMismatch, "the operator - does not work on \(node.type.sqlName)", range,
        help: "name a number, or cast it")
      return nil
    }
    return TypedNode(.negation, by: .negation(node.type), [node], node.type, range: range)
  }

  // MARK: Comparison

  private func compare(
    _ comparison: Comparison, _ op: BinaryOperator, _ left: Operand, _ right: Operand,
    _ range: Range<Int>
  ) -> TypedNode? {
    for case .untyped(nil, let place) in [left, right] {
      report.warning(
        .comparisonWithNull, "a comparison with null is never true",
        at: snippet.span(of: place), help: "use is null or is not null")
    }
    if op == .equal || op == .notEqual { warnOfImpossibleValue(left, right) }
    guard let (x, y) = comparable(left, right, op.rawValue, range),
      let (a, b) = comparison.isOfOrder ? ordered(x, y, op.rawValue, range) : (x, y)
    else { return nil }
    return TypedNode(
      .comparison(comparison), by: .comparison(comparison), [a, b], .bool, range: range,
      isPersonal: tellsPersonal(a, b))
  }

  /// Both operands in one type in which they can be compared.
  func comparable(
    _ left: Operand, _ right: Operand, _ op: String, _ range: Range<Int>
  ) -> (TypedNode, TypedNode)? {
    let known = left.type ?? right.type ?? .text
    for (operand, other) in [(left, right), (right, left)] {
      if case .typed(let node) = other, let labels = node.labels, !isLabel(operand, of: labels) {
        return nil
      }
    }
    guard let a = resolve(left, as: known), let b = resolve(right, as: known) else { return nil }
    if a.type == .jsonb || b.type == .jsonb {
      error(.operatorMismatch, "jsonb values cannot be compared", range, help: "cast them to text")
      return nil
    }
    if a.type.isNumber, b.type.isNumber {
      let isExact = !a.type.isFloat && !b.type.isFloat
      if isExact, a.type.isNumeric || b.type.isNumeric { return comparableNumerics(a, b) }
      // Integers of any width compare as they are.
      if isExact { return (a, b) }
      let type: ColumnType = a.type == .float4 && b.type == .float4 ? .float4 : .float8
      guard let x = convert(a, to: type), let y = convert(b, to: type) else { return nil }
      return (x, y)
    }
    func converted(_ node: TypedNode, to type: ColumnType) -> TypedNode? {
      node.type == .date && type != .date
        ? TypedNode(
          .comparedDate, by: TimeCasts.comparison(to: type), [node], type, range: node.range)
        : convert(node, to: type)
    }
    guard let type = Casts.common(a.type, b.type), let x = converted(a, to: type),
      let y = converted(b, to: type)
    else {
      if let date = [(a, b), (b, a)].lazy.compactMap(unquotedDate).first {
        error(
          .operatorMismatch,
          "the operator \(op) does not work on \(a.type.sqlName) and \(b.type.sqlName)",
          range, help: "a date stands in single quotes: '\(date)'")
      } else {
        mismatch(op, a.type, b.type, range)
      }
      return nil
    }
    return (x, y)
  }

  /// `1998-01-01` without quotes is a subtraction; nil for what does not look so beside a time.
  private func unquotedDate(_ time: TypedNode, _ number: TypedNode) -> String? {
    guard time.type.isTime, number.type.isInteger else { return nil }
    let written = snippet.part(number.range).text
    let parts = written.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.count) == [4, 2, 2] ? written : nil
  }

  private func comparableNumerics(_ a: TypedNode, _ b: TypedNode) -> (TypedNode, TypedNode)? {
    let (x, y) = (exactType(a).exactDigits, exactType(b).exactDigits)
    let scale = max(x.scale, y.scale)
    let precision = max(x.precision - x.scale, y.precision - y.scale) + scale
    let isShort = precision <= ColumnType.precisionOf64Bits
    let type = ColumnType.numeric(
      precision: isShort ? ColumnType.precisionOf64Bits : ColumnType.maximumPrecision, scale: scale)
    func scaled(_ node: TypedNode) -> TypedNode {
      TypedNode(
        .digits, by: .rescale(from: exactType(node), to: type, .saturates), [node], type,
        range: node.range)
    }
    return (scaled(a), scaled(b))
  }
}
