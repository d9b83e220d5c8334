import Diagnostics

/// A key of a stage that is neither its kind nor one that all stages may have.
struct UnknownStageKey {
  private let key: YAMLNode
  private let value: YAMLNode
  /// All keys of the stage.
  private let pairs: [(key: YAMLNode, value: YAMLNode)]
  private let registry: StageRegistry

  init(
    _ key: YAMLNode, _ value: YAMLNode, among pairs: [(key: YAMLNode, value: YAMLNode)],
    _ registry: StageRegistry
  ) {
    self.key = key
    self.value = value
    self.pairs = pairs
    self.registry = registry
  }

  /// What other tools call `after`.
  private static let orders = ["depends_on", "depends", "needs", "requires", "upstream"]

  func diagnostic(_ reader: Reader) -> Diagnostic {
    let text = key.scalar?.text ?? "…"
    let shown = key.scalar?.excerpt ?? text
    let own = StageOptions.names
    let hasKind = pairs.contains { $0.key.scalar.flatMap { registry.kind(named: $0.text) } != nil }
    let message: String
    let rest: String
    if Self.orders.contains(text) {
      return Diagnostic(
        .unknownKey, "a stage has no key '\(shown)'", at: key.head,
        help: "write after: [stage]; it is needed only where no rows of that stage are used")
    } else if hasKind {
      message = "a stage has no key '\(shown)' beside its kind"
      rest = "there is: \(own.joined(separator: ", ")); the keys of a kind stand below it"
    } else {
      message = "there is no stage kind '\(shown)'"
      rest =
        "the kinds are \(registry.names.joined(separator: ", ")); "
        + "beside it a stage may say \(own.joined(separator: ", "))"
    }
    let near = Suggestion.nearest(to: text, in: registry.names + own)
    return Diagnostic(
      .unknownKey, message, at: key.head,
      help: reader.help(forUnknown: (key, value)) ?? keyOfKind
        ?? near.map { "did you mean '\($0)'?" } ?? rest)
  }

  /// The remedy for a key that belongs to the kind beside which it stands.
  private var keyOfKind: String? {
    for (name, value) in pairs {
      guard let type = name.scalar.flatMap({ registry.kind(named: $0.text) }),
        type.shape.keys.contains(where: { $0.name == key.scalar?.text })
      else { continue }
      return Reader.help(moving: key, beside: value.keys)
    }
    return nil
  }
}
