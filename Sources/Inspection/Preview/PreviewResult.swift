import Diagnostics
import Frames
import PipelineFiles

/// What there is to see of a stage.
public enum PreviewResult: Sendable {
  case rows(PreviewRows)
  /// Of a stage that makes something else, such as a model: what it says about it.
  case report(PreviewReport)
}

/// The first rows of a stage. Holds no personal data.
public struct PreviewRows: Sendable {
  /// The columns that are shown.
  public let fields: [Field]
  public let rows: [[PreviewCell]]
  /// Rows for which the condition is true; all where there is none.
  public let matching: Int
  /// All rows of the stage.
  public let total: Int
}

/// A value in a preview.
public enum PreviewCell: Sendable, Hashable {
  case null
  /// Personal data, which is not shown.
  case masked
  /// As Postgres's cast to text prints it.
  case value(String)
}

/// What a stage says about what it made.
public struct PreviewReport: Sendable {
  public let stage: String
  public let kind: String
  public let result: StageResult
}

/// Why there is nothing to see. Never holds values of rows.
public struct PreviewError: EndsCommand {
  public let description: String
  public let status: ExitStatus
}
