import PipelineFiles
import PostgresClient

/// Finds the rows of two runs of a published table.
struct ComparedPublications: Sendable {
  let connection: PostgresConnection

  /// The comparison of a run's rows with those of another one, over the columns that both runs wrote.
  /// - Parameter rowsIn: the table that has the run's rows.
  /// - Returns: nil where rows of either are no longer kept, or where they have other keys.
  func query(
    of layout: TargetLayout, rowsIn new: QualifiedName, base: Int
  ) async throws -> ChangeQuery? {
    guard let old = try await rowsIn(layout.target, run: base) else { return nil }
    let here = try await columns(of: new)
    let before = try await columns(of: old)
    guard layout.table.key.allSatisfy({ here.contains($0) && before.contains($0) }) else {
      return nil
    }
    // A column that a later run added is in the partitions before it too, without values.
    let written = try await writtenColumns(layout.target, run: base) ?? before
    let columns = layout.otherColumns.filter {
      here.contains($0) && before.contains($0) && written.contains($0)
    }
    return ChangeQuery(
      new: new, old: old, key: layout.table.key, columns: columns,
      counted: layout.table.countedColumns)
  }

  /// The table with the rows that a run published; nil where none of them are kept.
  private func rowsIn(_ target: String, run: Int) async throws -> QualifiedName? {
    try await connection.query(
      "SELECT rows_in FROM roost.publications WHERE target = $1 AND run_id = $2",
      [.text(target), Parameter(run)]
    ).first.map { .inData(try $0.string("rows_in")) }
  }

  /// Empty where there is no such table.
  private func columns(of table: QualifiedName) async throws -> Set<String> {
    Set(
      try await connection.query(
        """
        SELECT attname FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
        """, [.text(try table.sql)]
      ).map { try $0.string("attname") })
  }

  /// Nil where that was not recorded yet.
  private func writtenColumns(_ target: String, run: Int) async throws -> Set<String>? {
    let rows = try await connection.query(
      "SELECT definition FROM roost.loads WHERE target = $1 AND run_id = $2",
      [.text(target), Parameter(run)])
    guard let text = try rows.first?.string("definition"),
      let definition = TargetDefinition(JSONValue(parsing: text))
    else { return nil }
    return Set(definition.table.schema.names)
  }
}
