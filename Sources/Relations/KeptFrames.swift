import Frames

/// Names of the frames that are kept of relations.
public enum KeptName {
  /// All rows known before the run's as-of.
  public static let base = "base"
  /// The rows at the run's as-of.
  public static let rows = "rows"
  /// Rows that no as-of sees.
  public static let undated = "undated"
  /// What is published beside the rows, by table.
  public static func beside(_ table: String) -> String { "beside \(table)" }
}

extension [String: Frame] {
  /// - Throws: `StageFailure` where it is not there.
  public func kept(_ name: String) throws -> Frame {
    guard let frame = self[name] else {
      throw StageFailure("the checkpoint holds no rows called \(name)")
    }
    return frame
  }
}
