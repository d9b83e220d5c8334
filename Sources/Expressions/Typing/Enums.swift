import Diagnostics
import Frames

/// Enums are texts whose labels have an order of their own: they compare by it, and a label that there
/// is not is a mistake, as in Postgres.
extension Typer {
  /// A quoted literal that meets an enum must be one of its labels.
  /// - Returns: false where it is none, which was said.
  func isLabel(_ operand: Operand, of labels: [String]) -> Bool {
    guard case .untyped(let text?, let range) = operand, !labels.contains(text) else { return true }
    error(
      .malformedLiteral, "the enum has no label '\(text)'", range,
      help: Suggestion.help(for: text, in: labels))
    return false
  }

  /// Two operands of an ordering comparison in a form that compares as they do: enums by the places of
  /// their labels.
  func ordered(
    _ a: TypedNode, _ b: TypedNode, _ op: String, _ range: Range<Int>
  ) -> (TypedNode, TypedNode)? {
    guard let labels = a.labels ?? b.labels else { return (a, b) }
    for (node, other) in [(a, b), (b, a)] where node.labels == nil || node.labels != other.labels {
      guard node.labels != nil else { continue }
      if other.labels == nil, other.isConstant {
        if let text = other.literalText, !isLabel(.untyped(text, other.range), of: labels) {
          return nil
        }
        continue
      }
      error(
        .operatorMismatch,
        "the operator \(op) does not work on an enum and "
          + (other.labels == nil ? "a text" : "another enum"), range,
        help: "cast the enum to compare it as a text: \(snippet.part(node.range).text)::text")
      return nil
    }
    return (placed(a, labels), placed(b, labels))
  }

  /// The place of an enum's label in its order.
  func placed(_ node: TypedNode, _ labels: [String]) -> TypedNode {
    TypedNode(.place(in: labels), by: .place(in: labels), [node], .int4, range: node.range)
  }

  /// The label at a place.
  func label(at place: TypedNode, _ labels: [String], range: Range<Int>) -> TypedNode {
    var node = TypedNode(
      .label(of: labels), by: .label(of: labels), [place], .text, range: range)
    node.labels = labels
    return node
  }

  /// The labels that all operands have in common; nil where none is an enum. A literal must be among them.
  /// - Parameter what: what brings them together, such as `coalesce`.
  /// - Returns: nil where a literal is not, or an operand is a text or another enum, which was said: what
  ///   they become together would have no order.
  func commonLabels(_ operands: [Operand], _ what: String) -> [String]?? {
    let typed = operands.compactMap { if case .typed(let node) = $0 { node } else { nil } }
    let labels = typed.lazy.compactMap(\.labels).first
    if labels != nil, let other = typed.first(where: { $0.labels != labels }) {
      let isText = other.labels == nil
      let cast = isText ? typed.first { $0.labels != nil } ?? other : other
      error(
        .incompatibleTypes,
        "\(what) has values of an enum and of \(isText ? "type text" : "another enum")",
        other.range,
        help: "cast what is an enum: \(snippet.part(cast.range).text)::text")
      return nil
    }
    guard let labels else { return .some(nil) }
    for operand in operands where !isLabel(operand, of: labels) { return nil }
    return labels
  }
}

extension TypedNode {
  /// Whether it is a literal.
  var isConstant: Bool { if case .constant = operation { true } else { false } }
}

extension Kernel {
  /// The places of labels in the order of their enum.
  static func place(in labels: [String]) -> Kernel {
    let places = Dictionary(
      labels.enumerated().map { (Array($1.utf8), Int64($0)) },
      uniquingKeysWith: { first, _ in first })
    return .fallible { arguments, call throws(EvaluationError) in
      try call.tryTextMap(arguments, to: .int4, ColumnValues.int64, placeholder: 0) {
        row, failure in
        if let place = places[Array(row.text(0))] { return place }
        failure.fail(.invalidText, "a value is no label of the enum as it was when it was checked")
        return 0
      }
    }
  }

  /// The labels at places.
  static func label(of labels: [String]) -> Kernel {
    let dictionary = TextDictionary(labels)
    return .infallible { arguments, _ in
      let lane = arguments[0].int64s
      let codes = lane.values.map {
        Int32(truncatingIfNeeded: min(max($0, 0), Int64(labels.count - 1)))
      }
      return Vector(
        .text, .text(codes, dictionary), validity: arguments[0].validity,
        isConstant: arguments[0].isConstant)
    }
  }
}
