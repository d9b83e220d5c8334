import Diagnostics
import Frames
import PipelineFiles
import PostgresFacts

/// Reads a table or the result of a SELECT from a source.
public struct Extract: StageKind, AsksCatalog {
  public static let kind = "extract"
  public static let group = StageGroup.sources
  public static let about = "Reads a table or a SELECT of a source, on the run's snapshot."
  public static let example = """
    users:
      extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at, personal: [email] }
    orders:
      description: Orders as the shop's system knows them.
      extract:
        from: shop
        sql: sql/shop/orders.sql
        key: order_id
        time: ordered_at
        arrived: loaded_at
        changes: [status]
    store_orders:
      extract:
        from: shop
        table: shop.store_orders
        key: order_id
        time: ordered_at
        arrived: loaded_at
    product_prices:
      extract:
        from: shop
        table: shop.product_prices
        key: [product_id, since]
        valid_from: since
        valid_to: until
    sends:
      extract: { from: shop, table: shop.campaign_sends, key: send_id, time: sent_at }
    events:
      extract:
        from: shop
        table: shop.events
        key: event_id
        time: occurred_at
        append_only: true
        watermark: event_id
        late: 20000
    """

  let from: Placed<ConnectionName>
  let sql: SQLSource?
  let table: TableName?
  let key: OneOrMany<ColumnName>
  /// `time:` as it was written.
  let written: ColumnName?
  let arrived: ColumnName?
  let validFrom: ColumnName?
  let validTo: ColumnName?
  let timeZone: TimeZoneName?
  let timeless: Phrase?
  let pointInTime: Phrase?
  let rowSecurity: Phrase?
  let personal: [ColumnName]
  let hash: [ColumnName]
  let changes: [ColumnName]
  let appendOnly: Bool
  let watermark: ColumnName?
  let late: Lateness?
  let splitBy: ColumnName?
  let nonFinite: NonFinite

  public init(_ keys: inout Keys) {
    from = keys("from", "Connection to read from.")
    sql = keys(
      "sql", "The SELECT, or a file with it; it may use :as_of and :name for parameters.")
    table = keys("table", "Table to read, with its schema.")
    let key: OneOrMany<SourceColumn> = keys(
      "key", "Columns that identify a row; rows are ordered by them.", such: "order_id")
    self.key = key.names
    let written: SourceColumn? = keys(
      "time", "Column that says when a row happened; rows at or after the as-of are left out.",
      such: "ordered_at")
    let arrived: SourceColumn? = keys(
      "arrived", "Column that says when a row became known, if later than its time.",
      such: "loaded_at")
    let validFrom: SourceColumn? = keys(
      "valid_from", "Column that says since when a row holds, in a table of changing attributes.",
      such: "since")
    let validTo: SourceColumn? = keys(
      "valid_to", "Column that says until when a row holds, exclusive; null for ever.",
      such: "until")
    timeZone = keys(
      "time_zone",
      "Zone of times without one: columns of type timestamp, and the dates under time, arrived, "
        + "valid_from and valid_to. They become timestamptz; left out, they stay as they are and are read "
        + "in the pipeline's zone.")
    timeless = keys(
      "timeless", "Why the rows need no time although features use them.",
      such: "the list of cities does not change")
    pointInTime = keys(
      "point_in_time",
      "Why each row of the SELECT says what was known at its own time, although it depends on other "
        + "rows and features or labels use it.",
      such: "the count is of rows before the row's own time")
    rowSecurity = keys(
      "row_security",
      "Why rows that a policy hides from the source's role are not wanted; without a reason they are "
        + "an error.", such: "other tenants' rows are not ours")
    let personal: [SourceColumn] = keys(
      "personal", "Columns that may never reach a model or a published table.", such: "email",
      default: [],
      shown: "none")
    let hash: [SourceColumn] = keys(
      "hash", "Columns that are replaced by their keyed hash, and are not personal any more.",
      such: "phone",
      default: [], shown: "none")
    let changes: [SourceColumn] = keys(
      "changes", "Columns that the source updates in place, so that their past is lost.",
      such: "status",
      default: [], shown: "none")
    appendOnly = keys(
      "append_only",
      "Whether rows are only ever added, so that those of earlier runs are kept on this machine.",
      default: false, shown: "false")
    let watermark: SourceColumn? = keys(
      "watermark",
      "With append_only: time or whole number by which new rows are told from old ones; "
        + "arrived or else time when left out.", such: "event_id")
    late = keys(
      "late",
      "With append_only: how far behind the greatest watermark rows may still come, a "
        + "duration or for numbers how many; 1d or 10000 when left out.")
    let splitBy: SourceColumn? = keys(
      "split_by",
      "Column of whole numbers, best with an index, in whose ranges several connections read a SELECT, "
        + "a view or a partitioned table; the pages of a plain table are shared without it.",
      such: "event_id")
    nonFinite = keys(
      "non_finite",
      "What becomes of NaN and infinity in columns of floating point, and of numeric without a "
        + "precision: null, and counted; refuse, which stops the run; or keep. In a column that may not "
        + "be null they stop the run unless they are kept.", default: .null, shown: "null")
    self.written = written?.name
    self.arrived = arrived?.name
    self.validFrom = validFrom?.name
    self.validTo = validTo?.name
    self.personal = personal.map(\.name)
    self.hash = hash.map(\.name)
    self.changes = changes.map(\.name)
    self.watermark = watermark?.name
    self.splitBy = splitBy?.name
  }

  public var inputs: [StageName] { [] }

  /// Column that says when a row happened, or since when it holds.
  var time: ColumnName? { written ?? validFrom }

  public func questions(_ context: PlanContext) -> [CatalogQuestion] {
    guard context.project.settings.connections[from.text] != nil,
      let statement = statement(context)
    else { return [] }
    return [question(statement, context), .statementTimeout(connection: from.text)]
  }

  /// What has to be known of the SELECT.
  func question(_ statement: Snippet, _ context: PlanContext) -> CatalogQuestion {
    .columns(
      of: statement.text, dated: dated(context), connection: from.text,
      acceptsRowSecurity: rowSecurity != nil)
  }

  /// The SELECT with something for the as-of that is no constant; nil where it does not use it.
  private func dated(_ context: PlanContext) -> String? {
    guard placeOfAsOf(context) != nil,
      let text = sql?.text(context, help: "write a SELECT")
    else { return nil }
    return SQLStatement(text).rendered(
      asOf: context.asOf, parameters: context.parameters, dated: RowDependence.placeOfAsOf,
      context.report)?.text
  }

  /// The SELECT to send, each part of which knows its place in a file.
  func statement(_ context: PlanContext) -> Snippet? {
    switch (sql, table) {
    case (nil, let table?):
      return Snippet("SELECT * FROM \(table.sql)", span: table.span)
    case (let source?, nil):
      return source.text(context, help: "write a SELECT").flatMap { select($0, context) }
    case (nil, nil):
      context.report.error(
        .keyCombination, "the extract says neither 'table' nor 'sql'", at: from.key,
        help: "name a table with its schema, or write a SELECT")
    case (let source?, _?):
      context.report.error(
        .keyCombination, "the extract says both 'table' and 'sql'", at: source.span,
        help: "remove one of them")
    }
    return nil
  }

  /// Where the SELECT uses the as-of, if it does.
  func placeOfAsOf(_ context: PlanContext) -> SourceSpan? {
    sql?.text(context, help: "write a SELECT").flatMap { SQLStatement($0).span(of: "as_of") }
  }

  /// The one SELECT of a text with its parameters filled in.
  private func select(_ text: Snippet, _ context: PlanContext) -> Snippet? {
    let statements = SQLScript(text).statements
    if statements.count > 1 {
      context.report.error(
        .statementRefused, "an extract sends one SELECT, and another statement begins here",
        at: statements[1].head, help: "make a stage of each, or join them with UNION ALL")
      return nil
    }
    if let writing = statements.first?.writing {
      context.report.error(
        .statementRefused, "a source is only read, and \(writing.what)", at: writing.place,
        help: "write a SELECT; an sql stage may change the warehouse")
      return nil
    }
    return SQLStatement(text).rendered(
      asOf: context.asOf, parameters: context.parameters, context.report)
  }
}
