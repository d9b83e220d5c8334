import Diagnostics
import Frames
import PipelineFiles

/// Lets no personal column get where it may not, unless the author says why it may.
struct PersonalData {
  /// Reasons by column.
  let allowed: EntriesByName<SourceColumn, Phrase>
  let context: PlanContext

  /// Reports a personal column, with the way that it took.
  /// - Parameter fate: what would happen to it: "would be published".
  func check(_ field: Field, of stage: StageName, _ fate: String, at span: SourceSpan) {
    guard field.isPersonal, allowed[field.name] == nil else { return }
    context.report.error(
      .personalData,
      "'\(field.name)' is personal data and \(fate): "
        + context.personalPath(to: field.name, of: stage), at: span,
      help: "hash it where it is read or cleaned, or say why it may: "
        + "allow_personal: { \(field.name): \"…\" }")
  }

  /// Reports exceptions that are none: without a reason, or for columns that are not personal.
  func checkExceptions(in fields: [Field]) {
    for entry in allowed.entries {
      let field = fields.first { $0.name == entry.name.text }
      if field?.isPersonal != true {
        context.report.error(
          .wrongException, "'\(entry.name.text)' is not a personal column here",
          at: entry.name.span,
          help: field == nil
            ? Suggestion.help(for: entry.name.text, in: fields.map(\.name)) : "remove the exception"
        )
      } else if entry.value.text.isEmpty {
        context.report.error(
          .wrongException, "the exception for '\(entry.name.text)' has no reason",
          at: entry.value.span, help: "say why it may be used")
      }
    }
  }
}
