import Frames
import PipelineFiles
import PostgresClient

/// How the table with the rows of all runs is divided: a part for each of them.
enum Partitioning: Sendable {
  /// By as-of and run, so that who asks for one as-of opens its part alone, and locks no other.
  case byInstant
  /// By run, as an older roost made it. Such a table stays as it is.
  case byRun

  /// Of a table that is made.
  static let sql = "PARTITION BY RANGE (as_of, run_id)"

  /// What the part of a run takes.
  func bound(run: Int, asOf: Instant) throws -> String {
    switch self {
    case .byRun: return "IN (\(run))"
    case .byInstant:
      let instant = try SQL.literal(asOf.sqlText)
      return "FROM (\(instant), \(run)) TO (\(instant), \(run + 1))"
    }
  }

  /// The run whose rows a part takes, by what it says of itself: of a row of `pg_class`.
  static func run(of part: String) -> String {
    let bound = "pg_get_expr(\(part).relpartbound, \(part).oid)"
    return """
      coalesce(substring(\(bound) FROM '^FOR VALUES IN \\(''?(\\d+)''?\\)$'),
        substring(\(bound) FROM ', ''?(\\d+)''?\\) TO \\('))::int8
      """
  }
}

extension PostgresConnection {
  /// How a table with the rows of all runs is divided.
  func partitioning(of data: QualifiedName) throws -> Partitioning {
    let found = try query(
      """
      SELECT partstrat = 'l' AS is_list FROM pg_partitioned_table
      WHERE partrelid = to_regclass($1)
      """, [.text(try data.sql)])
    return try found.first?.bool("is_list") == true ? .byRun : .byInstant
  }
}
