/// A word, or `null` for none.
public enum OrNull<Value: Word>: Readable {
  case value(Value)
  case null

  /// Nil for null.
  public var value: Value? { if case .value(let value) = self { value } else { nil } }

  public static var shape: Shape {
    let word = Value.word
    return .word(
      WordShape(
        name: word.name, example: word.example, pattern: word.pattern,
        scalars: word.scalars + [.null]))
  }
  public static var blank: Self { .null }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    // An empty value is a forgotten one.
    if node.isNull, node.scalar?.text.isEmpty == false { return .null }
    return Value.read(node, reader).map(Self.value)
  }
}
