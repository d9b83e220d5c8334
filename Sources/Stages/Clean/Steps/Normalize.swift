import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Writes texts in one form.
struct Normalize: Record, CleanStepKind {
  static let name = "normalize"
  static let about = "Writes texts in one form, so that those that mean the same are the same."
  let columns: OneOrMany<ColumnName>
  let form: Placed<TextForm.Form>?
  let trims: Placed<Bool>?
  let letterCase: Placed<TextForm.Case>?
  let country: Placed<CallingCode>?

  init(_ keys: inout Keys) {
    columns = keys("columns", "Columns of texts.", such: "phone")
    form = keys(
      "form",
      "Unicode's form: nfc, or nfkc, which writes full-width letters and digits in half width too. "
        + "Or the form of an e-mail address or a telephone number; what is none becomes null and is "
        + "counted, and the column is personal data.")
    trims = keys("trim", "Whether blanks around the text go, ideographic ones too.")
    letterCase = keys("case", "Case of all letters.")
    country = keys(
      "country",
      "Country of telephone numbers that do not begin with + or 00; without it they become null.")
  }

  var contacts: [ColumnName] { isOfContacts ? columns.values : [] }

  /// Whether it reads e-mail addresses or telephone numbers: what is none becomes null, and the column is
  /// personal data, as the source has it too.
  var isOfContacts: Bool { form?.value == .email || form?.value == .phone }

  func check(_ report: Report) {
    if form == nil, trims?.value != true, letterCase == nil {
      report.error(
        .keyCombination, "the step changes nothing", at: columns.values.first?.span,
        help: "say form: nfkc, trim: true or case: lower")
    }
    if let form = form?.value, form == .email || form == .phone {
      for span in [trims?.key, letterCase?.key].compactMap({ $0 }) {
        report.error(
          .keyCombination, "the form '\(form.rawValue)' decides on blanks and case itself",
          at: span, help: "remove the key")
      }
    }
    if let country, form?.value != .phone {
      report.error(
        .keyCombination, "only telephone numbers have a country", at: country.key,
        help: "say form: phone, or remove the key")
    }
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    let before = context.report.errorCount
    let makesNulls = isOfContacts
    let fields = columns.values.compactMap { name in
      context.textField(name, in: shape, for: "normalized")
    }
    guard context.report.errorCount == before, fields.count == columns.values.count else {
      return nil
    }
    let normalForm = TextForm(
      form: form?.value, trims: trims?.value == true, letterCase: letterCase?.value,
      country: country?.value)
    let made = zip(fields, columns.values).map { field, name in
      var made = field
      made.values = nil
      made.labels =
        ReplacedLabels.of(field, at: name.span, context.report, normalForm.apply) ?? nil
      made.isNullable = field.isNullable || makesNulls
      made.isPersonal = field.isPersonal || makesNulls
      return made
    }
    guard context.report.errorCount == before else { return nil }
    return .normalize(.init(made, form: normalForm))
  }
}

extension TextForm.Form: Choice {}
extension TextForm.Case: Choice {}
extension CallingCode: Choice {}
