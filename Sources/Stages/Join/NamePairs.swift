import PipelineFiles

/// Names of columns, each as it is or with a second one: `[city]`, `{ city: home_city }`.
struct NamePairs: Readable {
  let pairs: [(first: Name, second: Name)]

  static var shape: Shape { .either(OneOrMany<Name>.shape, or: Entries<Name>.shape) }
  static var blank: Self { Self(pairs: []) }

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .mapping = node.kind {
      return Entries<Name>.read(node, reader).map { names in
        Self(pairs: names.entries.map { ($0.name, $0.value) })
      }
    }
    return OneOrMany<Name>.read(node, reader).map { names in
      Self(pairs: names.values.map { ($0, $0) })
    }
  }
}
