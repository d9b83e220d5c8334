import Diagnostics
import Frames
import PipelineFiles
import Relations

extension Identify {
  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    checkNumbers(context)
    guard let accounts = context.relation(entity.stage) else { return nil }
    guard let account = accountField(accounts, context) else { return nil }
    var kinds: [(name: String, type: ColumnType)] = []
    var links: [Relations.Identify.Links] = []
    var sources: [RelationPlan] = []
    for entry in by.entries {
      guard let shape = context.relation(entry.name) else { continue }
      let column = context.entityColumn(
        entry.value.entity, like: account, in: shape, of: entry.name)
      if entry.value.values.names.isEmpty { reportNothing(in: entry.name, report) }
      for (name, kind) in entry.value.values.names {
        checkLink(name, kind, in: shape, of: entry.name, &kinds, context)
      }
      if let column {
        links.append(
          .init(
            entityColumn: column,
            columns: entry.value.values.names.map { .init($0.first.text, kind: $0.second.text) }))
        sources.append(.stage(entry.name.text, shape))
      }
    }
    if by.entries.isEmpty { reportNothing(in: entity.stage, report) }
    checkNames(accounts, account, report)
    guard report.errorCount == before else { return nil }
    let identify = Relations.Identify(
      entity: account, links: links, kinds: kinds.map(\.name), limit: ignore.moreThan,
      giant: giant.moreThan, keepsApart: giant.keep == .apart)
    return StagePlan(
      rows: .identify(identify, .stage(entity.stage.text, accounts), sources), checkpoint: .none,
      work: IdentifyWork(entityStage: entity.stage.text, identify: identify), context)
  }

  private func reportNothing(in stage: StageName, _ report: Report) {
    report.error(
      .wrongValue, "nothing says what accounts of one person share", at: stage.span,
      help: "name columns under by: { \(stage.text): [phone_hash] }")
  }

  private func checkNumbers(_ context: PlanContext) {
    for (number, key) in [(ignore.moreThan, "ignore"), (giant.moreThan, "giant")] where number < 1 {
      context.report.error(
        .wrongValue, "'\(key)' cannot begin below more than 1", at: entity.stage.span,
        help: "write it as \(key): { more_than: 20 }")
    }
  }

  /// The column that names the accounts; nil where it does not, which was said.
  private func accountField(_ accounts: RelationShape, _ context: PlanContext) -> Field? {
    let stage = entity.stage.text
    guard let field = context.field(entity.column, in: accounts.schema, of: "stage '\(stage)'")
    else { return nil }
    guard accounts.key == [field.name] else {
      context.report.error(
        .wrongInput,
        "'\(field.name)' is not the key of stage '\(stage)', which is "
          + accounts.key.joined(separator: ", "), at: entity.column.span,
        help: "name a stage with one row for each account")
      return nil
    }
    guard check(field, at: entity.column, of: entity.stage, context) else { return nil }
    return field
  }

  /// Reports a column with values that accounts share, where it cannot be one.
  private func checkLink(
    _ name: ColumnName, _ kind: ColumnName, in shape: RelationShape, of stage: StageName,
    _ kinds: inout [(name: String, type: ColumnType)], _ context: PlanContext
  ) {
    guard let field = context.field(name, in: shape.schema, of: "stage '\(stage.text)'"),
      check(field, at: name, of: stage, context)
    else { return }
    guard let known = kinds.first(where: { $0.name == kind.text }) else {
      kinds.append((kind.text, field.type))
      if kinds.count > SharedValues.maximumKinds {
        context.report.error(
          .wrongValue, "there are more than \(SharedValues.maximumKinds) kinds of values",
          at: kind.span, help: "give values of one kind one name, or leave some out")
      }
      return
    }
    if !field.type.isSameKey(as: known.type) {
      context.report.error(
        .wrongType,
        "'\(name.text)' is of type \(field.type.sqlName), other values of the kind '\(kind.text)' "
          + "of type \(known.type.sqlName)", at: name.span,
        help: "cast one of them where it is extracted, or give them kinds of their own: "
          + "values: { \(name.text): other_\(kind.text) }")
    }
  }

  private func check(
    _ field: Field, at name: ColumnName, of stage: StageName, _ context: PlanContext
  ) -> Bool {
    if field.isPersonal {
      context.report.error(
        .personalData,
        "'\(field.name)' is personal data and would tie accounts together: "
          + context.personalPath(to: field.name, of: stage), at: name.span,
        help: "hash it where it is extracted: hash: [\(field.name)]; equal values stay equal")
      return false
    }
    if field.type.hasCanonicalText { return true }
    context.report.error(
      .wrongType,
      "'\(field.name)' is of type \(field.type.sqlName), by which nobody is identified",
      at: name.span, help: "name a column of texts, whole numbers or uuids")
    return false
  }

  /// Reports columns that have the name of one that is made here.
  private func checkNames(_ accounts: RelationShape, _ account: Field, _ report: Report) {
    let made = IdentityColumns.fields(account).map(\.name)
    for name in [account.name] + accounts.timesBesideKey where made.contains(name) {
      report.error(
        .duplicateColumn, "stage '\(entity.stage.text)' has a column '\(name)' already",
        at: entity.stage.span, help: "give it another name where it is extracted")
    }
  }
}
