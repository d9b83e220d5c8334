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
    publishedTables(context).map { target($0, context).question }
  }

  public func makes(_ context: PlanContext) -> [MadeTable] {
    publishedTables(context).flatMap { [$0, SnapshotTable.current(of: $0)] }
      .map { MadeTable($0, at: table.span) }
  }

  private func target(_ table: QualifiedName, _ context: PlanContext) -> PublishedTarget {
    PublishedTarget(table: table, place: self.table.span, context: context)
  }

  /// The table and those that are published beside it.
  private func publishedTables(_ context: PlanContext) -> [QualifiedName] {
    [table.name]
      + context.companions(of: input).map { QualifiedName(schema: table.name.schema, name: $0) }
  }

  public func plan(_ context: PlanContext) -> (any StagePlan)? {
    let report = context.report
    let before = report.errorCount
    target(table.name, context).checkSchema()
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
      let target = target(name, context)
      target.check(shape.schema, columnsAt: input.span)
      for field in shape.schema.fields {
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
}
