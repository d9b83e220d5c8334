/// One value, or keys where there is more to say: `quarantine: shop.bad`, or
/// `quarantine: { table: shop.bad, keep: 30d }`.
public enum Short<Value: Readable, Full: Record>: Readable {
  case value(Value)
  case full(Full)

  public static var shape: Shape { .either(Value.shape, or: Full.shape) }
  public static var blank: Self { .value(.blank) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .mapping = node.kind { return Full.read(node, reader).map(Self.full) }
    return Value.read(node, reader).map(Self.value)
  }
}
