import Diagnostics
import Frames
import PipelineFiles
import Relations

extension Extract {
  /// What can be said of `append_only` without knowing any columns.
  func checkAppendOnly(_ context: PlanContext) {
    let report = context.report
    func refuse(_ message: String, at place: SourceSpan?, help: String) {
      report.error(.keyCombination, message, at: place, help: help)
    }
    guard appendOnly else {
      for (name, place) in [("watermark", watermark?.span), ("late", late?.place)] {
        guard let place else { continue }
        refuse("'\(name)' needs 'append_only'", at: place, help: "add append_only: true")
      }
      return
    }
    if let column = changes.first {
      refuse(
        "'append_only' says that rows never change, and 'changes' that '\(column.text)' does",
        at: column.span, help: "remove one of them")
    }
    if let validTo {
      refuse(
        "'append_only' says that rows never change, and '\(validTo.text)' is set when a row ends",
        at: validTo.span, help: "remove append_only")
    }
    if watermark ?? arrived ?? time == nil {
      refuse(
        "'append_only' needs a column by which new rows are told from old ones",
        at: key.values.first?.span,
        help: "name one with watermark: such as a key that only grows")
    }
    if let place = placeOfAsOf(context) {
      refuse(
        "':as_of' in the SELECT of an append-only extract would make kept rows depend on the run",
        at: place,
        help: "remove it: rows at or after the as-of are left out by 'time' all the same")
    }
  }

  /// The watermark of an append-only extract; nil where it is none, or where the report says why not.
  func watermark(in schema: Schema, _ context: PlanContext) -> Watermark? {
    guard appendOnly, let name = watermark ?? arrived ?? time,
      let field = watermark == nil
        ? schema[name.text] : context.field(name, in: schema, of: "stage '\(context.stage.text)'")
    else { return nil }
    let report = context.report
    guard Watermark.canBe(field.type) else {
      report.error(
        .wrongType,
        "the watermark '\(name.text)' is of type \(field.type.sqlName), neither a time nor a whole number",
        at: name.span, help: "name a column that grows as rows are added")
      return nil
    }
    if hash.contains(name) {
      report.error(
        .keyCombination, "the watermark '\(name.text)' is hashed, and hashes do not grow",
        at: name.span, help: "name another column")
      return nil
    }
    if field.isPersonal {
      report.error(
        .personalData,
        "the watermark '\(name.text)' is personal data, and its bounds are kept as they are",
        at: name.span, help: "name another column")
      return nil
    }
    let late = late ?? .preset(for: field.type)
    guard late.isSpan == field.type.isTime else {
      report.error(
        .keyCombination,
        "the watermark '\(name.text)' is of type \(field.type.sqlName), and 'late' is "
          + (late.isSpan ? "a duration" : "a number of keys"),
        at: late.place, help: late.isSpan ? "write how many keys: late: 10000" : "write late: 1d")
      return nil
    }
    return Watermark(
      column: name.text, type: field.type, isNullable: field.isNullable, late: late,
      zone: timeZone?.zone ?? context.zone)
  }

  func keptPlan(
    _ watermark: Watermark, _ select: String, _ schema: Schema, _ hashing: RowStep.Hash?,
    _ context: PlanContext
  ) -> KeptPlan {
    let stored = hashing?.hashed(schema) ?? schema
    let first = key.values.first.flatMap { name in
      hash.contains(name) ? nil : schema[name.text].flatMap { $0.type.isInteger ? $0.name : nil }
    }
    let entities = stored.names.filter(context.entityColumns.contains)
    let plan = KeptPlan(
      watermark: watermark, compared: first ?? watermark.column,
      isPersonal: stored.fields.contains(where: \.isPersonal),
      entityColumns: entities.isEmpty ? key.values.map(\.text) : entities,
      definition: [select, watermark.column, key.values.map(\.text).joined(separator: ",")]
        + schema.fields.map {
          "\($0.name) \($0.type.sqlName) \($0.isPersonal)"
            + ($0.labels.map { " \($0.map { "\($0.utf8.count):\($0)" }.joined())" } ?? "")
        }
        + (hashing.map { [$0.key.fingerprint] + $0.columns } ?? []),
      about: "\(from.text): \(sql?.path ?? table?.text ?? "SELECT")")
    warnAboutKey(plan, context)
    return plan
  }

  /// Rows with personal data are kept encrypted or not at all.
  private func warnAboutKey(_ plan: KeptPlan, _ context: PlanContext) {
    let state = StateFolder(path: "", project: "", locations: [:], key: context.stateKey)
    do throws(KeptPlan.KeyTrouble) {
      _ = try plan.key(in: state)
    } catch {
      context.report.warning(
        .notKept,
        "the rows hold personal data and \(error.message), so nothing is kept and every run reads them "
          + "all", at: personal.first?.span, help: KeptPlan.KeyTrouble.help)
    }
  }
}
