import Frames
import PostgresFacts

/// Rows that an as-of does not see, by columns of type timestamptz.
public struct LaterRows: Sendable, Hashable {
  public let asOf: Instant
  public let columns: [String]

  public init(asOf: Instant, columns: [String]) {
    self.asOf = asOf
    self.columns = columns
  }

  /// What holds for all other rows. A row without a time is not later.
  public var exclusion: String {
    get throws(PostgresError) {
      var conditions: [String] = []
      for column in columns {
        let name = try SQL.identifier(column)
        let instant = "timestamptz \(try SQL.literal(asOf.sqlText))"
        conditions.append("(\(name) < \(instant) OR \(name) IS NULL)")
      }
      return conditions.joined(separator: " AND ")
    }
  }
}
