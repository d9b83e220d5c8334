import Diagnostics
import PipelineFiles
import Relations

/// A column, and the other stage's column in which its values are looked for: `user_id=users.user_id`.
struct MissingValues {
  let column: Snippet
  let other: StageColumn
  /// What was written.
  let written: Snippet

  /// Nil where it cannot be read, which the report then says.
  init?(_ written: Snippet, in pipeline: Pipeline, _ report: Report) {
    let sides = written.text.split(separator: "=", omittingEmptySubsequences: false)
    let names = sides.last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    guard sides.count == 2, names.count == 2, !sides[0].isEmpty else {
      report.error(
        .wrongValue, "'\(written.excerpt)' does not name a column and that of another stage",
        at: written.span, help: "write it as --missing user_id=users.user_id")
      return nil
    }
    guard pipeline.stages.contains(where: { $0.name.text == names[0] }) else {
      report.error(
        .unknownStage, "there is no stage '\(names[0])' in \(pipeline.file.name)",
        at: written.span,
        help: Suggestion.help(for: String(names[0]), in: pipeline.stages.map(\.name.text)))
      return nil
    }
    self.written = written
    column = written.part(0..<sides[0].utf8.count)
    other = StageColumn(String(names[0]), String(names[1]))
  }
}
