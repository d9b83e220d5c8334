import Frames
import MemoryEngine
import PipelineFiles
import PostgresFacts
import Relations

/// Where a NaN stands in an exact decimal, which cannot hold it: found by asking the source again, since
/// the reader knows no more than its place in what was sent.
struct NotNumbers {
  let column: String
  let select: String
  /// The columns that tell the row; empty where they may not be told.
  let key: [String]
  /// The table that is read whole, if it is one.
  let table: QualifiedName?

  /// How many rows there are, and the key of the first.
  var query: String {
    get throws(PostgresError) {
      let name = try SQL.identifier(column)
      var keys: [String] = []
      for column in key { keys.append(try SQL.identifier(column)) }
      let shown = keys.enumerated().map { ", \($1)::text AS key_\($0)" }.joined()
      let order = keys.isEmpty ? "" : " ORDER BY \(keys.joined(separator: ", "))"
      return """
        SELECT count(*) OVER () AS rows\(shown) FROM \(SQL.subquery(select)) AS found
        WHERE \(name) = 'NaN'\(order) LIMIT 1
        """
    }
  }

  /// What a person is told.
  /// - Parameter found: what the query returns; nil where it could not be asked.
  func failure(_ found: Frame?) -> StageFailure {
    var place = ""
    if let found, found.rowCount == 1, case .int64(let rows)? = found["rows"]?.values {
      place = rows[0] == 1 ? " in one row" : " in \(rows[0]) rows"
      let values = key.indices.compactMap { found["key_\($0)"]?.keyTexts.first }
      if !values.isEmpty {
        let names = zip(key, values).map { "\($0) \($1)" }.joined(separator: ", ")
        place += rows[0] == 1 ? ", that of \(names)" : ", the first of them that of \(names)"
      }
    }
    let name = (try? SQL.identifier(column)) ?? column
    let from = table.flatMap { try? $0.sql }.map { " FROM \($0)" } ?? ""
    return StageFailure(
      "column \"\(column)\" has NaN\(place), which an exact decimal cannot hold",
      help:
        "mend the rows, or read them as null: SELECT …, nullif(\(name), 'NaN') AS \(name)\(from)")
  }
}
