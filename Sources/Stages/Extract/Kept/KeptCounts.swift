import Frames
import PipelineFiles
import PostgresFacts
import Relations

/// What a source says of the rows that are kept: how many there are of each range, and the greatest key.
struct KeptCounts: Sendable {
  let source: KeptSource
  let ranges: [KeptRange]
  let isIndexed: Bool

  struct Count: Sendable, Hashable {
    var rows = 0
    var greatest: Int64?
  }

  /// - Returns: a count for each range.
  func read(_ context: any StageContext) async throws -> [Count] {
    guard isIndexed, ranges.count > 1 else {
      return try counts(try await context.read(source.statement(try grouped)))
    }
    // Two connections share the ranges.
    let middle = ranges.count / 2
    async let first = context.read(source.statement(try indexed(0..<middle)))
    async let second = context.read(source.statement(try indexed(middle..<ranges.count)))
    return try await zip(counts(first), counts(second)).map { $0.rows > 0 ? $0 : $1 }
  }

  private func counts(_ frame: Frame) throws -> [Count] {
    var counts = [Count](repeating: Count(), count: ranges.count)
    let (places, rows) = (try frame.wholeNumbers("place"), try frame.wholeNumbers("rows"))
    let (greatest, values) = (try frame.column("greatest"), try frame.wholeNumbers("greatest"))
    for row in places.indices where counts.indices.contains(Int(places[row])) {
      counts[Int(places[row])] = Count(
        rows: Int(rows[row]),
        greatest: greatest.isNull(row) ? nil : values[row])
    }
    return counts
  }

  private var aggregates: String {
    get throws {
      "count(*) AS rows, max(\(try SQL.identifier(source.plan.compared))) AS greatest"
    }
  }

  /// One pass over everything, whatever its order.
  private var grouped: String {
    get throws {
      let watermark = source.plan.watermark
      guard let end = ranges.last?.below else { return "" }
      let bounds = try ranges.compactMap(\.from).map(watermark.literal)
      let place =
        bounds.isEmpty
        ? "0"
        : "width_bucket(\(try SQL.identifier(watermark.column)), ARRAY[\(bounds.joined(separator: ", "))])"
      return """
        SELECT \(place) AS place, \(try aggregates) FROM \(source.rows)
        WHERE \(try watermark.condition(from: nil, below: end)) GROUP BY 1
        """
    }
  }

  /// A look into the index for each range.
  private func indexed(_ places: Range<Int>) throws -> String {
    try places.map { place in
      let range = ranges[place]
      return """
        SELECT \(place) AS place, \(try aggregates) FROM \(source.rows)
        WHERE \(try source.plan.watermark.condition(from: range.from, below: range.below))
        """
    }.joined(separator: "\nUNION ALL\n")
  }
}

/// Where kept rows come from.
struct KeptSource: Sendable {
  let plan: KeptPlan
  let connection: String
  let select: String
  /// The table, where it is read whole.
  let table: QualifiedName?

  /// The rows as something to select from.
  var rows: String { "\(SQL.subquery(select)) AS kept_rows" }

  func statement(_ sql: String) -> PlannedStatement {
    PlannedStatement(connection: connection, sql: sql)
  }

  func rows(where condition: String) -> PlannedStatement {
    statement("SELECT * FROM \(rows) WHERE \(condition)")
  }

  /// The source's clock, and whether it finds rows by their watermark without reading the others.
  func facts(_ context: any StageContext) async throws -> (now: Instant, isIndexed: Bool) {
    let name = try SQL.literal(try table?.sql ?? "")
    let column = try SQL.literal(plan.watermark.column)
    let frame = try await context.read(
      statement(
        """
        SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_xact_replay_timestamp(), now())
            ELSE now() END AS now, EXISTS (
          SELECT FROM pg_catalog.pg_index i
          JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
          JOIN pg_catalog.pg_am m ON m.oid = c.relam
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
          WHERE i.indrelid = to_regclass(nullif(\(name), '')) AND a.attname = \(column)
            AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree') AS is_indexed
        """))
    guard case .int64(let now)? = frame["now"]?.values, frame.rowCount == 1,
      case .bool(let isIndexed)? = frame["is_indexed"]?.values
    else { throw StageFailure("the source does not tell the time") }
    return (Instant(microseconds: now[0]), isIndexed[0])
  }
}
