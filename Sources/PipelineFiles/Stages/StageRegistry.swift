import Relations

/// The stage kinds that a pipeline may use, and what makes the rows that their plans mean.
public struct StageRegistry: Sendable {
  public let kinds: [any StageKind.Type]
  public let engine: any Engine

  public init(_ kinds: [any StageKind.Type], engine: any Engine) {
    self.kinds = kinds
    self.engine = engine
  }

  public var names: [String] { kinds.map { $0.kind } }

  func kind(named name: String) -> (any StageKind.Type)? { kinds.first { $0.kind == name } }
}
