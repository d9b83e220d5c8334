import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

extension ProjectSession {
  /// Plans a stage and those before it, and checks what is wished to be seen of it. Stages after it
  /// may be wrong or half written.
  /// - Returns: nil where something is wrong, which the session's report then says.
  /// - Throws: `PostgresError` where a database cannot be reached.
  public func preview(
    _ wishes: PreviewWishes, of pipeline: Pipeline, asOf: Instant,
    publishing: PublishingEnvironment
  ) async throws -> PreviewRequest? {
    let before = report.errorCount
    guard let stage = pipeline.stages.first(where: { $0.name.text == wishes.stage }) else {
      report.error(
        .unknownStage, "there is no stage '\(wishes.stage)' in \(pipeline.file.name)", at: nil,
        help: Suggestion.help(for: wishes.stage, in: pipeline.stages.map(\.name.text)))
      return nil
    }
    let sample = wishes.sample.flatMap {
      EntitySample($0, for: wishes.stage, of: pipeline, report)
    }
    let missing = wishes.missing.flatMap { MissingValues($0, in: pipeline, report) }
    var needed = pipeline.upstream(of: wishes.stage)
    if let missing { needed.formUnion(pipeline.upstream(of: missing.other.stage)) }
    let upstream = pipeline.limited(to: needed)
    guard
      let checked = try await check(
        upstream, asOf: asOf, publishing: publishing, isOffline: false, purpose: .looking),
      let plan = checked.planned.plan(of: stage)
    else { return nil }
    let seen = SeenRows(stage: stage, plan: plan, planned: checked.planned, report: report)
    let schema = seen.schema
    let condition = wishes.condition.flatMap { seen.condition($0) }
    let columns = wishes.columns.map { seen.columns($0) }
    let repeats = wishes.repeats.map { seen.columns($0) }
    if let wished = wishes.repeats { for name in wished { seen.refusePersonal(name, "--repeats") } }
    if let missing { seen.check(missing) }
    guard report.errorCount == before else { return nil }
    return PreviewRequest(
      planned: checked.planned, stage: stage, schema: schema, condition: condition,
      repeats: repeats, missing: missing.map { ($0.column.text, $0.other) },
      columns: columns, limit: wishes.limit, sample: sample, connections: checked.connections,
      holdoutKey: checked.holdoutKey)
  }
}

/// What can be seen of a stage, and how it may be asked for.
private struct SeenRows {
  let stage: Stage
  let schema: Schema?
  let planned: PlannedPipeline
  let report: Report
  /// What the stage makes instead of rows.
  private let what: String

  init(stage: Stage, plan: StagePlan, planned: PlannedPipeline, report: Report) {
    self.stage = stage
    self.planned = planned
    self.report = report
    switch plan.shape {
    case .relation(let relation):
      schema = relation.schema
      what = "rows"
    case .artifact(let artifact):
      schema = nil
      what = "\(artifact.what) and no rows"
    case .nothing:
      schema = plan.tables.first?.schema
      what = "nothing that can be shown"
      if schema == nil {
        report.error(
          .wrongInput, "stage '\(stage.name.text)' of kind \(stage.kindName) makes \(what)",
          at: stage.name.span, help: "preview a stage before it")
      }
    }
  }

  func condition(_ snippet: Snippet) -> TypedExpression? {
    guard let schema = schema(for: snippet.span) else { return nil }
    let expression: Expression
    do throws(Diagnostic) {
      expression = try Expression(parsing: snippet)
    } catch {
      report.add(error)
      return nil
    }
    guard let typed = expression.typed(in: schema, as: .bool, "--where", report) else {
      return nil
    }
    // Which rows are shown would tell their values, one question after the other.
    let references = expression.columnReferences
    let personal = typed.columns.union(references.map(\.key)).sorted()
      .filter { schema[$0]?.isPersonal == true }
    for name in personal {
      let reference = references.first { $0.key == name }
      let path = LineageGraph(planned.pipeline, planned.plans)
        .personalPath(to: StageColumn(stage.name.text, name), planned.plans)
      report.error(
        .personalData,
        "'\(name)' is personal data, and a preview that is filtered by it would tell it: \(path)",
        at: reference?.span ?? snippet.span, help: "filter by a column that is not personal")
    }
    return personal.isEmpty ? typed : nil
  }

  /// Reports a column whose values cannot be looked for in another stage's.
  func check(_ missing: MissingValues) {
    guard let schema = schema(for: missing.written.span) else { return }
    let found = columns([missing.column]).first.flatMap { schema[$0] }
    refusePersonal(missing.column, "--missing")
    guard let field = found, let plan = planned.plans[missing.other.stage] else { return }
    let isThere: Bool
    if case .relation(let relation) = plan.shape, let other = relation.schema[missing.other.column]
    {
      isThere = true
      if other.isPersonal { refusePersonal(missing.other, "--missing", at: missing.written.span) }
      if !field.type.isSameKey(as: other.type) {
        report.error(
          .wrongType,
          "'\(field.name)' is of type \(field.type.sqlName), '\(missing.other)' of type "
            + other.type.sqlName, at: missing.written.span, help: "compare values of one type")
      }
    } else {
      isThere = false
    }
    if !isThere {
      report.error(
        .unknownColumn, "there is no column '\(missing.other)'", at: missing.written.span,
        help: "name a column of the other stage's rows")
    }
  }

  /// Reports a column whose values would be told by which rows are shown, or are not.
  func refusePersonal(_ name: Snippet, _ option: String) {
    guard let field = schema?[name.text], field.isPersonal else { return }
    refusePersonal(StageColumn(stage.name.text, field.name), option, at: name.span)
  }

  private func refusePersonal(_ column: StageColumn, _ option: String, at place: SourceSpan) {
    let path = LineageGraph(planned.pipeline, planned.plans).personalPath(
      to: column, planned.plans)
    report.error(
      .personalData, "'\(column.column)' is personal data, and \(option) would tell it: \(path)",
      at: place, help: "compare a column that is not personal, or its hash")
  }

  func columns(_ wished: [Snippet]) -> [String] {
    var names: [String] = []
    for snippet in wished {
      guard let schema = schema(for: snippet.span) else { return [] }
      if schema[snippet.text] == nil {
        report.error(
          .unknownColumn, "stage '\(stage.name.text)' has no column '\(snippet.excerpt)'",
          at: snippet.span, help: Suggestion.help(for: snippet.text, in: schema.names))
      } else if names.contains(snippet.text) {
        report.error(
          .duplicateKey, "the column '\(snippet.text)' stands here twice", at: snippet.span,
          help: "remove one of them")
      } else {
        names.append(snippet.text)
      }
    }
    return names
  }

  private func schema(for span: SourceSpan) -> Schema? {
    if schema == nil {
      report.error(
        .wrongInput, "stage '\(stage.name.text)' makes \(what)", at: span,
        help: "leave it out, or preview a stage that makes rows")
    }
    return schema
  }
}
