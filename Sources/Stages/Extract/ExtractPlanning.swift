import Diagnostics
import Frames
import PipelineFiles
import PostgresFacts
import Relations

extension Extract {
  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    checkWithoutColumns(context)
    guard context.project.settings.connections[from.text] != nil else {
      report.error(
        .unknownConnection, "there is no connection '\(from.text)'", at: from.span,
        help: Suggestion.help(
          for: from.text, in: context.project.settings.connections.entries.map(\.name.text)))
      return nil
    }
    guard let statement = statement(context),
      let answer = context.catalog.answer(to: question(statement, context))
    else { return nil }
    switch answer {
    case .role, .target, .table, .statementTimeout: return nil
    case .refused(let error):
      explain(error, statement, context)
      return nil
    case .columns(let description):
      noteTimeout(context)
      return work(statement, description, context)?.plan(asOf: context.asOf)
    }
  }

  /// What can be said without knowing any columns.
  private func checkWithoutColumns(_ context: PlanContext) {
    let report = context.report
    // They are personal data here too, whoever forgot to say so.
    let contacts = context.contacts
    for name in key.values
    where (personal + contacts).contains(name) && !hash.contains(name) {
      report.error(
        .personalData, "the key '\(name.text)' is personal data", at: name.span,
        help: "add hash: [\(name.text)], so that all stages agree on what stands for it")
    }
    if !hash.isEmpty { _ = Hash.key(at: hash.first?.span, context) }
    if let splitBy, appendOnly {
      report.error(
        .keyCombination, "'split_by' and 'append_only' both say in which parts rows are read",
        at: splitBy.span, help: "remove split_by: kept rows are read by the watermark")
    }
    if let arrived, time == nil {
      report.error(
        .keyCombination, "'arrived' needs 'time'", at: arrived.span,
        help: "say with time: when a row happened")
    }
    checkAppendOnly(context)
    if let validTo, validFrom == nil {
      report.error(
        .keyCombination, "'valid_to' needs 'valid_from'", at: validTo.span,
        help: "say with valid_from: since when a row holds")
    }
    if let validFrom, written != nil {
      report.error(
        .keyCombination, "'valid_from' and 'time' both say when a row begins", at: validFrom.span,
        help: "remove one of them")
    }
  }

  /// Rows that no snapshot holds for are told from later ones by their time only.
  private func checkProtection(_ scope: ReadingScope, _ report: Report) {
    guard let first = scope.unprotected.first, time == nil, arrived == nil else { return }
    report.error(
      .noSnapshot,
      "\(first), is in no snapshot: its rows are those of the moment when they are read",
      at: table?.span ?? sql?.span,
      help: "say with time: or arrived: since when a row is there, so that later ones are left out")
  }

  /// A bound of the database's owner is kept to.
  private func noteTimeout(_ context: PlanContext) {
    let connections = context.project.settings.connections.entries
    guard
      case .statementTimeout(let bound?) = context.catalog.answer(
        to: .statementTimeout(connection: from.text))
    else { return }
    context.report.note(
      .boundedSource,
      "connection '\(from.text)' ends statements after \(bound), and reading a table is one",
      at: connections.first { $0.name.text == from.text }?.name.span,
      help:
        "it is the role's or the database's statement_timeout; give the role another, or write options=-c%20statement_timeout%3D0 in the connection's URL"
    )
  }

  /// Says why Postgres refused the SELECT.
  private func explain(_ error: PostgresError, _ statement: Snippet, _ context: PlanContext) {
    let report = context.report
    let parsed = ScriptStatement(statement)
    let place =
      table?.span ?? error.position.map(statement.span(ofErrorAt:)) ?? parsed.span(ofTableIn: error)
      ?? statement.span
    if error.isLockTimeout {
      report.error(
        .locked, "the SELECT could not be checked: another session has locked what it reads",
        at: place,
        help: (error.hint.map { "\($0): " } ?? "")
          + "try again when that session's transaction has ended")
      return
    }
    if error.isUndefinedTable, from.value == context.project.settings.state {
      for reference in parsed.references {
        guard let maker = context.maker(of: reference.name),
          statement.span(of: reference.range).range.lowerBound == place.range.lowerBound
        else { continue }
        report.error(
          .madeLater,
          "\(reference.name) is not there yet: stage '\(maker.name.text)' makes it when the run is published, and extracts read before",
          at: place,
          help:
            "use the rows of a stage; to read what the night before left, run once without this stage"
        )
        return
      }
    }
    report.error(.statementRefused, error.message, at: place, help: error.hint)
  }

  /// The SELECT without columns that cannot be read, and what there is to say of them. Of a table they are
  /// left out; a SELECT of the author's own is refused.
  private func readable(
    _ statement: Snippet, _ description: StatementDescription, _ report: Report
  ) -> (select: String, unread: UnreadColumns?)? {
    guard !description.unread.isEmpty else { return (statement.text, nil) }
    let refusal =
      description.refusal
      ?? PostgresError(
        .statement,
        "the role may not read "
          + description.unread.map { "\"\($0.name)\"" }.joined(separator: ", "),
        hint: "GRANT SELECT on the table, or name the columns in a SELECT")
    guard let table, let readable = try? table.name.selecting(description.schema.names) else {
      report.error(
        .statementRefused, refusal.message, at: table?.span ?? statement.span, help: refusal.hint)
      return nil
    }
    return (
      readable,
      UnreadColumns(
        columns: description.unread, table: table.text, place: table.span, refusal: refusal)
    )
  }

  /// The times that `time_zone:` is about.
  private func zonedTimes(in schema: Schema, _ report: Report) -> ZonedTimes? {
    guard let timeZone else { return nil }
    let roles = [time, arrived, validFrom, validTo].compactMap { $0?.text }
    let hashed = hash.map(\.text)
    let zoned = ZonedTimes(
      zone: timeZone.zone, in: Schema(schema.fields.filter { !hashed.contains($0.name) }),
      times: roles)
    if !zoned.columns.isEmpty { return zoned }
    report.warning(
      .idleTimeZone, "'time_zone' changes nothing: no column is a time without a zone",
      at: timeZone.span, help: "remove it")
    return nil
  }

  private func work(
    _ statement: Snippet, _ description: StatementDescription, _ context: PlanContext
  ) -> ExtractWork? {
    let report = context.report
    let before = report.errorCount
    let owner = "stage '\(context.stage.text)'"
    guard let (select, unread) = readable(statement, description, report) else { return nil }
    var schema = Schema()
    for column in description.unread { schema.markUnread(column.name, because: column.why) }
    // They are personal data here too, whoever forgot to say so.
    let contacts = context.contacts
    let dependence = dependence(description)
    for field in description.schema.fields {
      if schema[field.name] != nil {
        report.error(
          .duplicateColumn, "the SELECT has two columns '\(field.name)'",
          at: sql?.span ?? table?.span, help: "give one of them another name with AS")
      }
      var field = field
      field.isPersonal = (personal + contacts).contains { $0.text == field.name }
      // What is published shows where it comes from, if nobody said more.
      field.about =
        field.about ?? description.sources[field.name].map { "From \($0)." }
      field.changesInPlace = changes.contains { $0.text == field.name }
      field.isFromManyRows = isFromManyRows(field, dependence, description)
      field.followsAsOf = dependence.followingAsOf.contains(field.name)
      schema.append(field)
    }
    for name in description.approximated {
      report.warning(
        .approximateNumber,
        "column '\(name)' is a numeric without a precision, or of more than 38 digits, and is read as double precision",
        at: sql?.span ?? table?.span,
        help: "cast it where the SELECT reads it to keep it exact: …::numeric(12,2) AS \(name)")
    }
    for name in description.folded {
      report.warning(
        .foldedTexts,
        "the collation of '\(name)' finds texts equal that differ, such as in case; here they differ, "
          + "also as keys",
        at: sql?.span ?? table?.span,
        help: "give them one form where they are read: lower(\(ColumnSQL.name(name))) AS "
          + ColumnSQL.name(name))
    }
    // What is not read tells nothing of anybody.
    let named = personal.filter { schema.unread[$0.text] == nil }
    for name in key.values + named + hash + changes {
      _ = context.field(name, in: schema, of: owner)
    }
    for name in [time, arrived, validFrom, validTo].compactMap({ $0 }) {
      guard let field = context.field(name, in: schema, of: owner) else { continue }
      if !field.type.isTime {
        report.error(
          .wrongType, "column '\(name.text)' is of type \(field.type.sqlName), not a time",
          at: name.span, help: "name a date, timestamp or timestamptz column")
      }
    }
    if let splitBy, let field = context.field(splitBy, in: schema, of: owner),
      !field.type.isInteger
    {
      report.error(
        .wrongType,
        "column '\(splitBy.text)' is of type \(field.type.sqlName), not a whole number",
        at: splitBy.span, help: "name a smallint, integer or bigint column")
    }
    for name in hash {
      if let field = schema[name.text] { Hash.check(field, at: name, report) }
    }
    let zoned = zonedTimes(in: schema, report)
    let scope = ReadingScope(
      description.reading, acceptsRowSecurity: rowSecurity != nil)
    checkProtection(scope, report)
    let mark = watermark(in: schema, context)
    guard report.errorCount == before else { return nil }
    // What is wrong with the key itself was said before.
    var hashing: RowStep.Hash?
    if !hash.isEmpty {
      guard let key = Hash.key(at: hash.first?.span, context) else { return nil }
      let handedOn = ExtractWork.handedOn(schema, zoned, nil)
      hashing = RowStep.Hash(hash.compactMap { handedOn[$0.text] }, key: key)
    }
    let place = sql?.path ?? table?.text ?? "SELECT"
    let lineage = schema.names.map { name in
      (name, ColumnLineage(source: "\(from.text): \(description.sources[name] ?? place)"))
    }
    let kept = mark.map { keptPlan($0, select, schema, hashing, context) }
    return ExtractWork(
      stage: context.stage.text, connection: from.text, select: select, table: table?.name,
      splitBy: splitBy?.text,
      zone: context.zone, zoned: zoned, scope: scope, policyReason: rowSecurity?.text,
      sourceSchema: schema, hash: hashing,
      relation: RelationShape(
        schema: ExtractWork.handedOn(schema, zoned, hashing), key: key.values.map(\.text),
        time: time?.text,
        arrived: arrived?.text, validTo: validTo?.text, timeless: timeless?.text,
        isRepeatable: time != nil || timeless != nil, chosenBy: choice(dependence)),
      lineage: Dictionary(lineage, uniquingKeysWith: { first, _ in first }), kept: kept,
      unread: unread, nonFinite: nonFinite)
  }
}

extension UnreadColumn {
  /// What stands against reading it.
  fileprivate var why: String {
    type.map { "is of type \($0), which cannot be read" } ?? "may not be read by the role"
  }
}
