import Diagnostics
import Frames
import PipelineFiles
import PostgresFacts
import Relations

/// Publishes rows in a table of the warehouse.
public struct Write: StageKind, AsksCatalog, MakesTables, PublishesRows {
  public static let kind = "write"
  public static let group = StageGroup.publication
  public static let about =
    "Publishes rows; they become visible with all others of the run, or not at all."
  public static let example = """
    publish_segments:
      after: win_back
      write:
        input: segments
        table: marketing.user_segments
        key: user_id
        keep: 90d
        expect: [ { rows: ">= 1" } ]
        max_change: { within: 50%, columns: [segment] }
    """

  let input: StageName
  let table: TableName
  let key: OneOrMany<ColumnName>
  let mode: WriteMode
  let keep: Duration?
  let expect: [CheckExpectation]
  let maxChange: Placed<MaxChange>?
  let maxDrop: Share?
  let allowPersonal: EntriesByName<SourceColumn, Phrase>

  public init(_ keys: inout Keys) {
    input = keys("input", "Stage whose rows are published.")
    table = keys("table", "Table that shows them, with its schema.")
    key = keys("key", "Columns that identify a row of one run.")
    mode = keys(
      "mode",
      "How the rows get in: snapshot keeps each run's rows apart in a table of roost's; upsert, append and replace write into a table that stands.",
      default: .snapshot, shown: "snapshot")
    expect = keys(
      "expect", "What must hold of the rows, or a person must approve them: see roost approve.",
      default: [], shown: "nothing")
    maxChange = keys(
      "max_change",
      "Most rows that may be added, removed or changed, as a share of the last publication's; with more, a person must approve them."
    )
    maxDrop = keys(
      "max_drop",
      "How much smaller a publication may be than the last one, as a share of its rows; with less left, a person must approve it. When left out, 50% of 100 rows or more, and of a target's list all but the last row; 100% lets an empty one pass."
    )
    allowPersonal = keys(
      "allow_personal", "Personal columns that may be published, each with the reason.",
      such: "marketing calls these customers",
      default: .empty, shown: "none")
    keep = keys("keep", "How long old publications are kept; for ever when left out.")
  }

  public var inputs: [StageName] { ([input] + expect.flatMap(\.others)).removingRepeats }
  public var publishedSchema: String { table.name.schema ?? "" }
  public var publishesCompanions: Bool { mode.isRoosts }

  public func questions(_ context: PlanContext) -> [CatalogQuestion] {
    guard mode.isRoosts else { return [existing(context).question] }
    return publishedTables(context).map { target($0, context).question }
  }

  public func makes(_ context: PlanContext) -> [MadeTable] {
    let tables =
      mode.isRoosts
      ? publishedTables(context).flatMap { [$0, TargetTable.current(of: $0)] } : [table.name]
    return tables.map { MadeTable($0, at: table.span) }
  }

  private func target(_ table: QualifiedName, _ context: PlanContext) -> PublishedTarget {
    PublishedTarget(table: table, place: self.table.span, context: context)
  }

  private func existing(_ context: PlanContext) -> ExistingTarget {
    ExistingTarget(
      table: table.name, place: table.span, key: key.values, mode: mode, context: context)
  }

  /// The table and those that are published beside it.
  private func publishedTables(_ context: PlanContext) -> [QualifiedName] {
    [table.name]
      + context.companionSources.flatMap { context.companions(of: $0) }
      .removingRepeats.map { QualifiedName(schema: table.name.schema, name: $0) }
  }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    target(table.name, context).checkSchema()
    checkKeys(report)
    guard let relation = context.relation(input) else { return nil }
    checkKey(relation, context)
    checkCompanions(context)
    let rows = published(relation, context)
    let companions = companions(context)
    let tables = [rows] + companions.map(\.table)
    let personal = PersonalData(allowed: allowPersonal, context: context)
    personal.checkExceptions(in: relation.schema.fields)
    for table in tables {
      if mode.isRoosts {
        target(table.name, context).check(table.schema, columnsAt: input.span)
      } else {
        existing(context).check(table.schema, columnsAt: input.span)
      }
    }
    for field in rows.schema.fields {
      personal.check(field, of: input, "would be published", at: input.span)
    }
    for companion in companions {
      for field in companion.table.schema.fields {
        personal.check(field, of: companion.source, "would be published", at: input.span)
      }
    }
    let checks = expect.flatMap { $0.plan(relation, context) }
    guard report.errorCount == before else { return nil }
    if !mode.isRoosts {
      report.note(
        .notUndone, "roost rollback does not take back what mode \(mode.rawValue) writes",
        at: table.span, help: "with mode: snapshot every earlier publication stays at hand")
    }
    let work = WriteWork(
      input: input.text, table: rows,
      companions: companions.map { .init(source: $0.source.text, table: $0.table) },
      expected: checks.isEmpty
        ? nil
        : ExpectedRows(
          stage: context.stage.text, input: input.text,
          others: inputs.filter { $0 != input }.map(\.text), checks: checks),
      file: context.file)
    return StagePlan(
      output: .made(
        .nothing, lineage: work.published[0].lineage,
        needs: work.needs(beside: inputs.map(\.text).filter { $0 != input.text })),
      reading: nil, publishes: work.published, atPublication: nil, asksFrom: context.asOf,
      checkpoint: .none, secretDigests: [], notes: work.steps, work: work)
  }

  private func about(_ context: PlanContext) -> String {
    "Published by stage \(context.stage.text) from \(input.text)."
  }

  private func published(_ relation: RelationShape, _ context: PlanContext) -> TargetTable {
    TargetTable(
      name: table.name, schema: relation.schema, key: key.values.map(\.text),
      about: about(context), keep: keep?.span, mode: mode,
      changeLimit: maxChange?.value.limit(relation.schema, context), dropLimit: dropLimit(context))
  }

  /// How much smaller it may get without a person's word: who is chosen differs more from night to night
  /// than who is there.
  private func dropLimit(_ context: PlanContext) -> DropLimit? {
    guard mode.isRoosts || mode == .replace else { return nil }
    if let maxDrop { return DropLimit(atMost: maxDrop.fraction) }
    return context.isOfChosenRows ? .unlessEmpty : .preset
  }

  /// The tables that are published beside it, each with the stage that it is from.
  private func companions(_ context: PlanContext) -> [(source: StageName, table: TargetTable)] {
    context.companionSources.flatMap { source -> [(source: StageName, table: TargetTable)] in
      guard case .relation(let relation)? = context.shape(source) else { return [] }
      return relation.companions.sorted { $0.key < $1.key }.map { name, shape in
        let table = TargetTable(
          name: QualifiedName(schema: table.name.schema, name: name), schema: shape.schema,
          key: shape.key, about: about(context), keep: keep?.span)
        return (source, table)
      }
    }
  }

  /// Reports tables that belong beside the rows and would be lost, or would be one.
  private func checkCompanions(_ context: PlanContext) {
    for source in context.sourcesOfLostCompanions {
      for companion in context.companions(of: source) {
        context.report.error(
          .keyCombination,
          "stage '\(source.text)' publishes \(companion) too, which mode \(mode.rawValue) has no table for",
          at: input.span, help: "publish it with mode: snapshot")
      }
    }
    var owners: [String: StageName] = [:]
    for source in context.companionSources {
      for companion in context.companions(of: source) {
        guard let other = owners.updateValue(source, forKey: companion) else { continue }
        context.report.error(
          .targetConflict,
          "stages '\(other.text)' and '\(source.text)' would both publish \(companion) here",
          at: input.span,
          help: "give one of them another name: assignments: \(source.text)_assignments")
      }
    }
  }

  /// INDEX_MAX_KEYS of a Postgres that was built as usual.
  private static let mostKeyColumns = 32

  /// Reports keys that make no sense in the mode.
  private func checkKeys(_ report: Report) {
    if key.values.count > Self.mostKeyColumns {
      report.error(
        .wrongValue,
        "the key has \(key.values.count) columns, and an index of Postgres at most "
          + "\(Self.mostKeyColumns)", at: key.values[Self.mostKeyColumns].span,
        help: "make one column of several where the rows are cleaned: concat(a, '|', b)")
    }
    if let keep, let place = keep.place, !mode.isRoosts {
      report.error(
        .keyCombination, "keep: is for mode snapshot; a table that stands keeps its own rows",
        at: place, help: "remove it, or delete old rows in an sql stage")
    }
    if let maxDrop, let place = maxDrop.place, !mode.isRoosts, mode != .replace {
      report.error(
        .keyCombination,
        "max_drop: is for rows that take the place of others; \(mode.rawValue) takes none away",
        at: place, help: "limit the rows instead: expect: [ { rows: \">= 1000\" } ]")
    }
    if let maxChange, mode == .append {
      report.error(
        .keyCombination,
        "max_change: compares a publication with the last one, and append only adds",
        at: maxChange.span, help: "limit the rows instead: expect: [ { rows: \"<= 100000\" } ]")
    }
  }

  private func checkKey(_ relation: RelationShape, _ context: PlanContext) {
    for column in key.values {
      guard let field = context.field(column, in: relation.schema, of: "stage '\(input.text)'")
      else { continue }
      if field.isNullable && !relation.key.contains(field.name) {
        context.report.warning(
          .nullableKey, "'\(field.name)' may be null and is part of the key", at: column.span,
          help: "a row with a null in its key stops the run; coalesce it before")
      }
    }
  }
}
