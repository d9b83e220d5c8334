import Frames
import PipelineFiles

extension Frame {
  /// A column that a plan counts on. Where one could be missing, nothing may go on as if it said nothing.
  /// - Throws: `StageFailure` where it is not there.
  func column(_ name: String) throws -> Column {
    guard let column = self[name] else {
      throw StageFailure(
        "the rows have no column \(name), on which the stage counts",
        help: "this is a mistake in roost")
    }
    return column
  }
}
