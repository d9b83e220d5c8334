/// A word of which a lower and an upper one make limits.
public protocol Limiting: Word {
  /// What it is called in a sentence: "quantile".
  static var noun: String { get }
  /// The lower one that limits nothing, as it is written.
  static var lowest: String { get }
  /// As written.
  var text: String { get }
}

/// A lower and an upper value, such as `[p0, p99.9]`: a list, of which its user says whether it is one of
/// two.
public struct LowerAndUpper<Value: Limiting>: Readable {
  public let values: [Value]

  public static var shape: Shape { [Value].shape }
  public static var blank: Self { Self(values: [.blank, .blank]) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    // Who writes one of them means the upper.
    if node.scalar != nil, !node.isNull {
      guard let upper = Value.read(node, reader) else { return nil }
      reader.report.error(
        .wrongShape, "expected a lower and an upper \(Value.noun), found one", at: node.head,
        help: "write it as [\(Value.lowest), \(upper.text)]")
      return nil
    }
    return [Value].read(node, reader).map { Self(values: $0) }
  }
}
