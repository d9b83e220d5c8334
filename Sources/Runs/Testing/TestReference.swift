import PipelineFiles

/// The reference of test files, made from the declaration that reads them.
public enum TestReference {
  /// The JSON Schema of a test file, for editors.
  public static func schema(_ registry: StageRegistry) -> JSONValue {
    JSONSchema(registry).document(of: PipelineTest.self, title: "Roost test")
  }

  /// All keys as a table in Markdown.
  public static var keys: String {
    KeyTable.lines(of: PipelineTest.shape).joined(separator: "\n") + "\n"
  }

  /// All keys for a terminal of a width in columns.
  public static func text(_ registry: StageRegistry, width: Int) -> [String] {
    StageText(registry, width: width).record(
      "A file in pipelines/tests", about: PipelineTest.about, shape: PipelineTest.shape)
  }
}
