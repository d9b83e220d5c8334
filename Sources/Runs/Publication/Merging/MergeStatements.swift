import Frames
import PipelineFiles
import PostgresClient

/// The statements that bring loaded rows into a table that stands.
struct MergeStatements {
  let layout: TargetLayout
  let asOf: Instant
  let run: Int
  /// The run's rows: the name of a table, or a query in parentheses.
  let rows: String

  var key: [String] { layout.table.key }

  /// Removes rows whose key was not loaded, and touches no others: rows that stay keep what refers to
  /// them, and their place.
  var deletion: String {
    get throws {
      let matches = try key.map { "s.\(try SQL.identifier($0)) = t.\(try SQL.identifier($0))" }
      return """
        DELETE FROM \(try layout.name.sql) t WHERE NOT EXISTS (
          SELECT FROM \(rows) s
          WHERE \(matches.joined(separator: " AND ")))
        """
    }
  }

  /// Removes the rows that an earlier run for the same as-of added.
  func deletion(ofRun earlier: Int, hasAsOf: Bool) throws -> String {
    let sameAsOf = hasAsOf ? " AND as_of = \(try instant)" : ""
    return "DELETE FROM \(try layout.name.sql) WHERE run_id = \(earlier)\(sameAsOf)"
  }

  /// Adds the rows; where the mode finds rows by their key, those that are missing or differ are written
  /// and no others, which are not even locked. They come in the order of the key, so that two who do
  /// this at once do not wait for each other in a circle.
  /// The table has another name there, for its own may be `excluded`.
  /// - Parameter own: which of the columns that roost itself fills the table has.
  func insertion(own: Set<String>) throws -> String {
    let names = layout.table.schema.names
    var columns = try names.map { try SQL.identifier($0) }
    var values = columns.map { "s.\($0)" }
    if own.contains("as_of") {
      columns.append("as_of")
      values.append(try instant)
    }
    if own.contains("run_id") {
      columns.append("run_id")
      values.append("\(run)")
    }
    let order = try key.map { "s.\(try SQL.identifier($0))" }.joined(separator: ", ")
    let usesKey = layout.table.mode.usesKey
    return """
      INSERT INTO \(try layout.name.sql) AS standing (\(columns.joined(separator: ", ")))
      SELECT \(values.joined(separator: ", ")) FROM \(rows) s\
      \(usesKey ? try unlikeStanding : "")
      ORDER BY \(order)\(usesKey ? try resolution(own) : "")
      """
  }

  /// Counts what the table has of the loaded rows afterwards, found by their key: rows that are `missing`,
  /// and for each column beside the key, `d0` and so on, those that are there with another value.
  var comparison: String {
    get throws {
      let keys = try key.map { try SQL.identifier($0) }
      let isThere = "o.\(keys.first ?? "NULL") IS NOT NULL"
      let differing = try others.enumerated().map {
        "count(*) FILTER (WHERE \(isThere) AND o.\($1) IS DISTINCT FROM s.\($1)) AS d\($0)"
      }
      let counts = ["count(*) FILTER (WHERE NOT \(isThere)) AS missing"] + differing
      return """
        SELECT \(counts.joined(separator: ", ")) FROM \(rows) s
        LEFT JOIN \(try layout.name.sql) o ON \(keys.map { "o.\($0) = s.\($0)" }.joined(separator: " AND "))
        """
    }
  }

  /// Counts the loaded rows whose key is nowhere in the table.
  var missing: String {
    get throws {
      let matches = try key.map { "o.\(try SQL.identifier($0)) = s.\(try SQL.identifier($0))" }
      return """
        SELECT count(*) AS count FROM \(rows) s
        WHERE NOT EXISTS (SELECT FROM \(try layout.name.sql) o
          WHERE \(matches.joined(separator: " AND ")))
        """
    }
  }

  /// Counts the rows of the table whose key was not loaded.
  var leftOver: String {
    get throws {
      let matches = try key.map { "s.\(try SQL.identifier($0)) = t.\(try SQL.identifier($0))" }
      return """
        SELECT count(*) AS count FROM \(try layout.name.sql) t WHERE NOT EXISTS (
          SELECT FROM \(rows) s
          WHERE \(matches.joined(separator: " AND ")))
        """
    }
  }

  /// Counts the rows that this run has added.
  func added(hasAsOf: Bool) throws -> String {
    let sameAsOf = hasAsOf ? " AND as_of = \(try instant)" : ""
    return "SELECT count(*) AS count FROM \(try layout.name.sql) WHERE run_id = \(run)\(sameAsOf)"
  }

  private var others: [String] {
    get throws { try layout.otherColumns.map { try SQL.identifier($0) } }
  }

  /// Keeps the loaded rows that the table has not, or has otherwise.
  private var unlikeStanding: String {
    get throws {
      let keys = try key.map { try SQL.identifier($0) }
      let matches = keys.map { "o.\($0) = s.\($0)" }.joined(separator: " AND ")
      let differs = try others.map { "o.\($0) IS DISTINCT FROM s.\($0)" }
      let isUnlike = (keys.prefix(1).map { "o.\($0) IS NULL" } + differs).joined(separator: " OR ")
      return "\nLEFT JOIN \(try layout.name.sql) o ON \(matches)\nWHERE \(isUnlike)"
    }
  }

  /// What is done with a row that is there by then.
  private func resolution(_ own: Set<String>) throws -> String {
    let conflict = try key.map { try SQL.identifier($0) }.joined(separator: ", ")
    let others = try others
    if others.isEmpty { return "\nON CONFLICT (\(conflict)) DO NOTHING" }
    let changes = (others + own.sorted()).map { "\($0) = excluded.\($0)" }
    return "\nON CONFLICT (\(conflict)) DO UPDATE SET \(changes.joined(separator: ", "))"
  }

  private var instant: String {
    get throws { "timestamptz \(try SQL.literal(asOf.sqlText))" }
  }
}
