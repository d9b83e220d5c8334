/// The stage kinds that a pipeline may use.
public struct StageRegistry: Sendable {
  public let kinds: [any StageKind.Type]

  public init(_ kinds: [any StageKind.Type]) { self.kinds = kinds }

  public var names: [String] { kinds.map { $0.kind } }

  func kind(named name: String) -> (any StageKind.Type)? { kinds.first { $0.kind == name } }
}
