import Diagnostics

/// A value that knows where it stands, and where the name of its key does, for messages about them.
@dynamicMemberLookup
public struct Placed<Value: Readable>: Readable {
  public let value: Value
  /// Where the key's name stands; nil where it was left out.
  public let key: SourceSpan?
  /// Where the value stands; nil where it was left out.
  public let span: SourceSpan?

  /// What stands for a key that is left out.
  public init(_ value: Value) {
    self.value = value
    key = nil
    span = nil
  }

  private init(_ value: Value, under key: SourceSpan?, at span: SourceSpan) {
    self.value = value
    self.key = key
    self.span = span
  }

  public static var shape: Shape { Value.shape }
  public static var blank: Self { Self(.blank) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    // What is read inside has keys of its own.
    let key = reader.key
    return Value.read(node, reader).map { Self($0, under: key?.span, at: node.span) }
  }

  public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member {
    value[keyPath: path]
  }
}
