import Diagnostics
import Frames
import PipelineFiles
import PostgresFacts
import Relations

/// SQL in the warehouse, for what no stage kind offers.
public struct SQLStage: StageKind, MakesTables, RunsAtPublication {
  public static let kind = "sql"
  public static let group = StageGroup.publication
  public static let about =
    "Runs SQL of your own on the state's connection, in the transaction that publishes the run."
  public static let example = """
    daily_revenue:
      after: publish_segments
      sql:
        run: sql/warehouse/daily_revenue.sql
        creates:
          marketing.daily_revenue: { day: date, customers: bigint, revenue: "numeric(14,2)" }
    """

  private let source: SQLSource
  private let creates: EntriesByName<TableName, EntriesByName<ColumnName, ColumnTypeName>>
  private let rowSecurity: Phrase?

  public init(_ keys: inout Keys) {
    source = keys(
      "run",
      "The statements, separated by semicolons; they may use :as_of, :run_id and :name for parameters."
    )
    creates = keys(
      "creates", "Tables that are made where they are not there, each with its columns.",
      default: .empty, shown: "none")
    rowSecurity = keys(
      "row_security",
      "Why rows that a policy hides from the state's role are not wanted, and rows that it forbids are not written; without a reason a table with such a policy is an error."
    )
  }

  public var inputs: [StageName] { [] }

  public func makes(_ context: PlanContext) -> [MadeTable] {
    creates.entries.map { MadeTable($0.name.name, at: $0.name.span) }
  }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let before = context.report.errorCount
    let tables = creates.entries.compactMap { table($0.name, $0.value, context) }
    let script = source.text(context, help: "write SQL, several statements separated by ;")
      .map(SQLScript.init)?
      .rendered(asOf: context.asOf, parameters: context.parameters, context.report)
    for statement in script ?? [] { check(statement, context) }
    guard let script, context.report.errorCount == before else { return nil }
    let statements = PublicationStatements(
      connection: context.project.settings.state.text, creates: tables, statements: script,
      acceptsRowSecurity: rowSecurity != nil)
    let work = SQLWork(
      statements: statements, environment: context.publishing.name,
      policyReason: rowSecurity?.text)
    let origin = ColumnLineage(
      source: "\(statements.connection): \(source.path ?? "SQL of the stage")")
    return StagePlan(
      output: .made(
        .nothing,
        lineage: Dictionary(
          tables.flatMap(\.fields).map { ($0.name, origin) }, uniquingKeysWith: { a, _ in a }),
        needs: [:]),
      reading: nil, publishes: [],
      // In an environment they are left out: their text names tables of the project itself.
      atPublication: context.publishing.name == nil ? statements : nil, asksFrom: context.asOf,
      checkpoint: .none, secretDigests: [], notes: work.steps, work: work)
  }

  private func table(
    _ name: TableName, _ columns: EntriesByName<ColumnName, ColumnTypeName>, _ context: PlanContext
  ) -> CreatedTable? {
    if PublishingEnvironment.isReserved(name.schema) {
      context.report.error(
        .targetConflict, "schema '\(name.schema)' is not for tables of a pipeline", at: name.span,
        help: "make it in a schema of your own, such as marketing")
      return nil
    }
    guard !columns.entries.isEmpty else {
      context.report.error(
        .wrongShape, "\(name.text) has no columns", at: name.span,
        help: "list them with their types, such as { day: date }")
      return nil
    }
    for column in columns.entries where PublishedTable.systemColumns.contains(column.name.text) {
      context.report.error(
        .unusableColumnName,
        "every table of Postgres has a column '\(column.name.text)' of its own",
        at: column.name.span, help: "give it another name")
    }
    return CreatedTable(
      name: name.name, span: name.span,
      columns: columns.entries.map { (Field($0.name.text, $0.value.type), $0.value.span) },
      about: "Made for stage \(context.stage.text) of pipeline \(context.pipeline).")
  }

  /// What can be said of a statement without a database.
  private func check(_ statement: ScriptStatement, _ context: PlanContext) {
    if let refusal = statement.refusal {
      context.report.error(
        .statementNotAllowed,
        "\(statement.verb.uppercased()) cannot stand in an sql stage: \(refusal)",
        at: statement.head, help: "remove it, or do it outside of the pipeline")
      return
    }
    for target in statement.changedTables {
      let place = statement.snippet.span(of: target.range)
      if PublishingEnvironment.isReserved(target.name.schema ?? "") {
        context.report.error(
          .targetConflict, "\(target.name) is roost's or Postgres's own", at: place,
          help: "write to a table of your own")
      } else if let maker = context.maker(of: target.name),
        !maker.kind.isDoneAtPublication
      {
        context.report.error(
          .targetConflict,
          "\(target.name) shows what stage '\(maker.name.text)' publishes, and is not for writing",
          at: place, help: "list a table of this stage's own under creates:")
      }
    }
  }
}
