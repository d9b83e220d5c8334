import Frames
import PostgresClient

/// The only queries on tables themselves: how far back an activity reaches, and whether there are both
/// kinds of people to learn from. Each is stopped after some seconds; then nothing is known.
struct SourceProbe: Sendable {
  static let patience = 10_000
  /// Pages of a table that are looked at: a larger one is sampled.
  private static let pages = 4000

  let activity: Activity
  /// The zone in which days are cut.
  let zone: String
  /// Milliseconds after which a query is stopped.
  var patience = Self.patience

  /// What became of a query.
  enum Answer<Value: Sendable>: Sendable {
    case found(Value)
    case tookTooLong
  }

  /// Rows by day and today's date, both in the zone.
  func history(
    _ database: isolated PostgresConnection
  ) throws -> Answer<ActivityHistory?> {
    let bytes = activity.table.bytes
    let share = 100 * Double(Self.pages * 8192) / Double(max(1, bytes))
    let sample =
      activity.table.canSample && share < 100
      ? " TABLESAMPLE SYSTEM (\(share)) REPEATABLE (1)" : ""
    let time = try self.time("t")
    let today = try database.query(
      "SELECT (now() AT TIME ZONE \(try SQL.literal(zone)))::date - date '2000-01-01' AS today")
    guard
      let rows = try patiently(
        database,
        """
        SELECT (\(time))::date - date '2000-01-01' AS day, count(*) AS rows
        FROM \(try activity.table.name.sql) t\(sample)
        WHERE isfinite(\(try column(activity.time.name, "t"))) GROUP BY 1
        """)
    else { return .tookTooLong }
    let days = try rows.map {
      (day: CivilDate(days: Int64(try $0.int("day"))), rows: try $0.int("rows"))
    }
    let now = CivilDate(days: Int64(try today.first?.int("today") ?? 0))
    return .found(ActivityHistory(days: days, today: now))
  }

  /// Who could be learnt from at a cutoff.
  /// - Parameter owner: the entity's own table, its key and its time, where it has one.
  func labels(
    at cutoff: CivilDate, _ plan: ChurnPlan,
    owner: (table: SourceTable, key: String, time: String)?,
    _ database: isolated PostgresConnection
  ) throws -> Answer<LabelCounts> {
    func day(_ offset: Int) -> String { "date '2000-01-01' + \(Int(cutoff.days) + offset)" }
    let time = try self.time("t")
    let entity = try column(activity.entity, "t")
    var join = ""
    var known = "true"
    if let owner {
      join =
        "LEFT JOIN \(try owner.table.name.sql) o ON o.\(try SQL.identifier(owner.key)) = e.entity"
      known = "o.\(try SQL.identifier(owner.time)) < \(day(0))"
    }
    guard
      let rows = try patiently(
        database,
        """
        SELECT count(*) AS eligible, count(*) FILTER (WHERE NOT came) AS silent,
          count(*) FILTER (WHERE \(known)) AS known_eligible,
          count(*) FILTER (WHERE NOT came AND \(known)) AS known_silent
        FROM (SELECT \(entity) AS entity, bool_or(\(time) >= \(day(0))) AS came
          FROM \(try activity.table.name.sql) t
          WHERE \(time) >= \(day(-plan.longestWindow)) AND \(time) < \(day(plan.horizon))
            AND \(entity) IS NOT NULL
          GROUP BY 1 HAVING bool_or(\(time) < \(day(0)))) e \(join)
        """), let row = rows.first
    else { return .tookTooLong }
    return .found(
      LabelCounts(
        eligible: try row.int("eligible"), silent: try row.int("silent"),
        knownEligible: try row.int("known_eligible"), knownSilent: try row.int("known_silent")))
  }

  private func column(_ name: String, _ alias: String) throws -> String {
    "\(alias).\(try SQL.identifier(name))"
  }

  /// The time as it is read in the zone.
  private func time(_ alias: String) throws -> String {
    let column = try column(activity.time.name, alias)
    return activity.time.kind == .timestamptz
      ? "(\(column) AT TIME ZONE \(try SQL.literal(zone)))" : column
  }

  /// Nil where it took too long.
  private func patiently(
    _ database: isolated PostgresConnection, _ query: String
  ) throws -> [Row]? {
    do {
      return try database.transaction(readOnly: true) { database in
        try database.execute("SET LOCAL statement_timeout = \(patience)")
        return try database.query(overRows: query)
      }
    } catch let error as PostgresError where error.sqlState == "57014" && !Task.isCancelled {
      return nil
    }
  }
}
