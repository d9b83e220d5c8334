import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// Writes texts in one form.
struct Normalize: Record {
  static let about = "Writes texts in one form, so that those that mean the same are the same."
  let columns: OneOrMany<Name>
  let form: Form?
  let trims: Bool?
  let letterCase: Case?
  let country: CallingCode?
  private let formSpan: SourceSpan?
  private let trimSpan: SourceSpan?
  private let caseSpan: SourceSpan?
  private let countrySpan: SourceSpan?

  init(_ keys: inout Keys) {
    columns = keys("columns", "Columns of texts.")
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
    formSpan = keys.span(of: "form")
    trimSpan = keys.span(of: "trim")
    caseSpan = keys.span(of: "case")
    countrySpan = keys.span(of: "country")
  }

  enum Form: String, Choice { case nfc, nfkc, email, phone }
  enum Case: String, Choice { case lower, upper }

  /// Whether it reads e-mail addresses or telephone numbers: what is none becomes null, and the column is
  /// personal data, as the source has it too.
  var isOfContacts: Bool { form == .email || form == .phone }

  func check(_ report: Report) {
    if form == nil, trims != true, letterCase == nil {
      report.error(
        .keyCombination, "the step changes nothing", at: columns.values.first?.span,
        help: "say form: nfkc, trim: true or case: lower")
    }
    if let form, form == .email || form == .phone {
      for span in [trimSpan, caseSpan].compactMap({ $0 }) {
        report.error(
          .keyCombination, "the form '\(form.rawValue)' decides on blanks and case itself",
          at: span, help: "remove the key")
      }
    }
    if let countrySpan, form != .phone {
      report.error(
        .keyCombination, "only telephone numbers have a country", at: countrySpan,
        help: "say form: phone, or remove the key")
    }
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> NormalizeOperation? {
    let before = context.report.errorCount
    let makesNulls = isOfContacts
    let fields = columns.values.compactMap { name in
      context.textField(name, in: shape, for: "normalized")
    }
    guard context.report.errorCount == before, fields.count == columns.values.count else {
      return nil
    }
    let normalForm = TextForm(
      form: form, trims: trims == true, letterCase: letterCase, country: country)
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
    for field in made { shape.schema.set(field) }
    return NormalizeOperation(fields: made, normalForm: normalForm)
  }
}

struct NormalizeOperation: CleanOperation {
  let fields: [Field]
  let normalForm: TextForm

  var reads: Set<String>? {
    Set(fields.map(\.name))
  }
  var isAsOf: Bool { false }
  var label: String { "normalize \(fields.map(\.name).joined(separator: ", "))" }
  var assignments: [(column: String, from: Set<String>, by: String)] {
    fields.map { ($0.name, [$0.name], normalForm.expression(of: $0.name)) }
  }

  func apply(to frame: Frame, in context: EvaluationContext) throws -> CleanOutcome {
    var result = frame
    var isChanged = [Bool](repeating: false, count: frame.rowCount)
    var unreadable: [(column: String, count: Int)] = []
    for field in fields {
      guard let old = frame[field.name] else { continue }
      let mapped = MappedTexts(old, normalForm.apply)
      for row in mapped.fates.indices where mapped.fates[row] != .same { isChanged[row] = true }
      if normalForm.canFail {
        unreadable.append((field.name, mapped.fates.count { $0 == .lost }))
      }
      result = result.setting(field, to: mapped.column)
    }
    return CleanOutcome(
      frame: result, changed: isChanged.count { $0 }, unreadable: unreadable)
  }
}
