import Declarations

extension JSONSchema {
  public init(_ registry: StageRegistry) {
    self.init(
      kinds: registry.kinds.map {
        KindShape(name: $0.kind, about: $0.about, shape: $0.shape, example: $0.example)
      }, beside: StageOptions.shape.keys)
  }

  /// The schema of a pipeline file.
  public var pipeline: JSONValue { document(of: PipelineSettings.self, title: "Roost pipeline") }

  /// The schema of `roost.yaml`.
  public var project: JSONValue { document(of: ProjectSettings.self, title: "Roost project") }
}
