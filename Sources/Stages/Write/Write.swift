import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// Publishes rows in a table of the warehouse.
public struct Write: StageKind {
  public static let kind = "write"
  public static let about =
    "Publishes rows; they become visible with all others of the run, or not at all."
  public static let example = """
    publish_segments:
      after: win_back
      write: { input: segments, table: marketing.user_segments, key: user_id, keep: 90d }
    """

  let input: Name
  let table: TableName
  let key: OneOrMany<Name>
  let mode: Mode
  let keep: Duration?
  let allowPersonal: Entries<Phrase>

  public init(_ keys: inout Keys) {
    input = keys("input", "Stage whose rows are published.")
    table = keys("table", "Table that shows them, with its schema.")
    key = keys("key", "Columns that identify a row of one run.")
    mode = keys(
      "mode", "How the rows get in: snapshot keeps each run's rows apart.", default: .snapshot,
      shown: "snapshot")
    allowPersonal = keys(
      "allow_personal", "Personal columns that may be published, each with the reason.",
      default: .empty, shown: "none")
    keep = keys("keep", "How long old publications are kept; for ever when left out.")
  }

  enum Mode: String, Choice { case snapshot }

  public var inputs: [Name] { [input] }

  public func questions(_ context: PlanContext) -> [CatalogQuestion] {
    publishedTables(context).map { question($0, context) }
  }

  public func makes(_ context: PlanContext) -> [MadeTable] {
    publishedTables(context).flatMap { [$0, SnapshotTable.current(of: $0)] }
      .map { MadeTable($0, at: table.span) }
  }

  /// The table and those that are published beside it.
  private func publishedTables(_ context: PlanContext) -> [QualifiedName] {
    [table.name]
      + context.companions(of: input).map { QualifiedName(schema: table.name.schema, name: $0) }
  }

  private func question(_ table: QualifiedName, _ context: PlanContext) -> CatalogQuestion {
    .target(
      context.publishing.resolve(table), pipeline: context.pipeline,
      connection: context.project.settings.state.text)
  }

  private func checkTarget(_ table: QualifiedName, _ schema: Schema, _ context: PlanContext) {
    guard case .target(let state) = context.catalog.answer(to: question(table, context)) else {
      return
    }
    let place = self.table.span
    switch state {
    case .usable: break
    case .published(let published):
      for loss in published.losses(with: schema.fields) {
        context.report.error(
          .targetConflict, "\(table): \(loss), and readers may rely on it", at: place,
          help: "give them what they know, or write to another table")
      }
    case .ofPipeline(let owner):
      context.report.error(
        .targetConflict, "\(table) is published by pipeline '\(owner)'", at: place,
        help: "write to another table, or put both into one pipeline")
    case .foreign:
      context.report.error(
        .targetConflict, "\(table) or \(table)_current exists and is not roost's",
        at: place, help: "write to another table, or rename what is there")
    }
  }

  public func plan(_ context: PlanContext) -> (any StagePlan)? {
    let report = context.report
    let before = report.errorCount
    if PublishingEnvironment.reservedSchemas.contains(table.schema) {
      report.error(
        .targetConflict, "schema '\(table.schema)' is not for published tables",
        at: table.span, help: "write to a schema of your own, such as marketing")
    }
    guard let relation = context.relation(input) else { return nil }
    for column in key.values {
      guard let field = context.field(column, in: relation.schema, of: "stage '\(input.text)'")
      else { continue }
      if field.isNullable && !relation.key.contains(field.name) {
        report.warning(
          .nullableKey, "'\(field.name)' may be null and is part of the key", at: column.span,
          help: "a row with a null in its key stops the run; coalesce it before")
      }
    }
    let tables =
      [(table.name, relation)]
      + relation.companions
      .sorted { $0.key < $1.key }
      .map { (QualifiedName(schema: table.name.schema, name: $0.key), $0.value) }
    let personal = PersonalData(allowed: allowPersonal, context: context)
    personal.checkExceptions(in: relation.schema.fields)
    for (name, shape) in tables {
      checkLength(context.publishing.resolve(name), report)
      checkTarget(name, shape.schema, context)
      for field in shape.schema.fields {
        check(field, of: name, report)
        personal.check(field, of: input, "would be published", at: input.span)
      }
    }
    guard report.errorCount == before else { return nil }
    let keep = keep?.span
    let snapshots = tables.enumerated().map { place, table in
      SnapshotTable(
        name: table.0, schema: table.1.schema,
        key: place == 0 ? key.values.map(\.text) : table.1.key,
        about: "Published by stage \(context.stage.text) from \(input.text).", keep: keep)
    }
    return WritePlan(
      input: input.text, table: snapshots[0], companions: Array(snapshots.dropFirst()))
  }

  /// Postgres would cut a longer name without a word.
  private func checkLength(_ table: QualifiedName, _ report: Report) {
    let longest = 63
    guard
      (table.name + "_current").utf8.count > longest
        || (table.schema ?? "").utf8.count > longest
    else { return }
    report.error(
      .targetConflict, "the name \(table)_current is too long for Postgres", at: self.table.span,
      help: "a table's name has at most \(longest - "_current".count) bytes, a schema's \(longest)")
  }

  private func check(_ field: Field, of table: QualifiedName, _ report: Report) {
    if ["as_of", "run_id"].contains(field.name) {
      report.error(
        .unusableColumnName, "roost itself adds a column '\(field.name)' to \(table.name)",
        at: place, help: "give it another name before")
    }
    if field.name.contains(".") {
      report.error(
        .unusableColumnName, "the column name '\(field.name)' has a point in it", at: place,
        help: "give it another name before")
    }
  }

  private var place: SourceSpan { input.span }
}
