/// The reference of stage kinds as Markdown, made from the same declarations that decode them.
public struct StageReference {
  private let registry: StageRegistry

  public init(_ registry: StageRegistry) { self.registry = registry }

  /// All kinds, one section each.
  public var page: String {
    let head = """
      # Stages

      Every key of every stage kind. A stage stands under `stages:` by its name and has one kind; \
      `after: [stage]` makes it wait for stages whose rows it does not use, and `description:` says \
      what it is for. The examples make one pipeline.

      """
    return head + registry.kinds.map { "\n" + section($0) }.joined()
  }

  /// One kind.
  public func section(_ kind: any StageKind.Type) -> String {
    var lines = ["## \(kind.kind)", "", kind.about, ""]
    lines += KeyTable.lines(of: kind.shape)
    lines += ["", "```yaml", kind.example, "```"]
    return lines.joined(separator: "\n") + "\n"
  }
}
