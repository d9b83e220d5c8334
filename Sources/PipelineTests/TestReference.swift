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
      + ["", "Example, pipelines/tests/contacted.yaml:"]
      + example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
  }

  /// A test of the pipeline that the language's reference shows.
  public static let example = """
    test: Who was contacted in the last 14 days is left alone
    pipeline: ../retention.yaml
    as_of: 2026-06-01
    given:                       # of extracts what they read; other stages are not run
      users:
        - { user_id: 1, signed_up_at: 2025-01-01, phone_consent: true }
        - { user_id: 2, signed_up_at: 2025-01-01, phone_consent: true }
      sends:
        - { send_id: 1, user_id: 2, sent_at: 2026-05-25 }
      segments:                  # columns that a row leaves out are null
        - { user_id: 1, segment: at_risk_vip }
        - { user_id: 2, segment: at_risk_vip }
      scores: []
    expect:                      # columns that are not listed are not compared
      win_back:
        - { user_id: 1, campaign: vip_call }
    """
}
