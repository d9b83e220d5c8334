/// Names, each as it is or with a second one: `[city]`, `{ city: home_city }`.
public struct Pairs<First: EntryName, Second: Readable>: Readable {
  public struct Pair: Sendable {
    public let first: First
    /// Nil where the name stands alone.
    public let second: Second?
  }

  public let pairs: [Pair]

  public static var shape: Shape {
    .either(OneOrMany<First>.shape, or: EntriesByName<First, Second>.shape)
  }
  public static var blank: Self { Self(pairs: []) }

  /// Names alone.
  public init(_ names: OneOrMany<First>) {
    pairs = names.values.map { Pair(first: $0, second: nil) }
  }

  private init(pairs: [Pair]) { self.pairs = pairs }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .mapping = node.kind {
      return EntriesByName<First, Second>.read(node, reader).map { written in
        Self(pairs: written.entries.map { Pair(first: $0.name, second: $0.value) })
      }
    }
    return OneOrMany<First>.read(node, reader).map { Self($0) }
  }
}

extension Pairs where First == Second {
  /// A name that stands alone is both.
  public var names: [(first: First, second: First)] {
    pairs.map { ($0.first, $0.second ?? $0.first) }
  }
}
