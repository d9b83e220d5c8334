import PostgresClient

/// Compares the rows of two tables by key, in Postgres.
struct ChangeQuery {
  /// Where the new rows are, and those before.
  let new: QualifiedName
  let old: QualifiedName
  let key: [String]
  /// The columns beside the key that both have.
  let columns: [String]
  /// The columns that a limit looks at; nil for all.
  var counted: [String]?
  /// Whether rows that only the old table has would be gone.
  var removes = true

  enum Kind: String, CaseIterable, Sendable { case added, removed, changed }

  func change(on connection: PostgresConnection) async throws -> TableChange {
    let columnCounts = columns.indices.map {
      "count(*) FILTER (WHERE \(both) AND \(differs($0))) AS d\($0)"
    }
    let looked = counted.map { Set($0) } ?? Set(columns)
    let lists = [
      "count(n.here) AS rows", "count(o.here) AS rows_before",
      "count(*) FILTER (WHERE \(condition(.added))) AS added",
      "count(*) FILTER (WHERE \(condition(.removed))) AS removed",
      "count(*) FILTER (WHERE \(condition(.changed))) AS changed",
      "count(*) FILTER (WHERE \(both) AND (\(anyDiffers { looked.contains($0) }))) AS counted",
    ]
    let rows = try await connection.query(
      overRows: "SELECT \((lists + columnCounts).joined(separator: ", ")) FROM \(try joined)")
    guard let row = rows.first else { throw PostgresError(.statement, "nothing was counted") }
    // Where nothing is removed, rows that stay are not read.
    var before = try row.int("rows_before")
    if !removes {
      before =
        try await connection.query(overRows: "SELECT count(*) AS rows FROM \(try old.sql)")
        .first?.int("rows") ?? 0
    }
    let perColumn = try columns.enumerated().map { place, name in
      TableChange.Column(name: name, rows: try row.int(.name("d\(place)")))
    }
    return TableChange(
      rows: try row.int("rows"), rowsBefore: before, added: try row.int("added"),
      removed: try row.int("removed"), changed: try row.int("changed"),
      counted: try row.int("counted"), columns: perColumn.filter { $0.rows > 0 })
  }

  /// The keys of rows that were added, removed or changed, as texts; the first of them in order.
  func keys(
    _ kind: Kind, limit: Int, on connection: PostgresConnection
  ) async throws -> [[String]] {
    let places = key.indices.map { "coalesce(n.k\($0), o.k\($0))" }
    let texts = places.enumerated().map { "\($1)::text AS t\($0)" }.joined(separator: ", ")
    return try await connection.query(
      overRows: """
        SELECT \(texts) FROM \(try joined) WHERE \(condition(kind))
        ORDER BY \(places.joined(separator: ", ")) LIMIT \(limit)
        """
    ).map { row in
      try key.indices.map { try row.optionalString(.name("t\($0)")) ?? "" }
    }
  }

  private var joined: String {
    get throws {
      let keys = key.indices.map { "n.k\($0) = o.k\($0)" }.joined(separator: " AND ")
      return """
        (\(try selection(new))) n \(removes ? "FULL" : "LEFT") JOIN (\(try selection(old))) o ON \(keys)
        """
    }
  }

  private func selection(_ table: QualifiedName) throws -> String {
    let names =
      try key.enumerated().map { "\(try SQL.identifier($1)) AS k\($0)" }
      + columns.enumerated().map { "\(try SQL.identifier($1)) AS c\($0)" }
    return "SELECT true AS here, \(names.joined(separator: ", ")) FROM \(try table.sql)"
  }

  private var both: String { "n.here AND o.here" }

  private func condition(_ kind: Kind) -> String {
    switch kind {
    case .added: "o.here IS NULL"
    case .removed: "n.here IS NULL"
    case .changed: "\(both) AND (\(anyDiffers { _ in true }))"
    }
  }

  private func anyDiffers(_ isLookedAt: (String) -> Bool) -> String {
    let differing = columns.indices.filter { isLookedAt(columns[$0]) }.map(differs)
    return differing.isEmpty ? "false" : differing.joined(separator: " OR ")
  }

  private func differs(_ place: Int) -> String { "n.c\(place) IS DISTINCT FROM o.c\(place)" }
}
