import CLibpq
import Frames

/// What a statement returns, found without running it.
public struct StatementDescription: Sendable, Hashable {
  public let schema: Schema
  /// Columns of unconstrained `numeric` (or of more than 38 digits), which are held as float8.
  public let approximated: [String]
  /// For each column that shows a table's column unchanged, that column: `schema.table.column`.
  public let sources: [String: String]

  let types: [HeldType]

  package init(fields: [Field], types: [HeldType], sources: [String: String]) {
    schema = Schema(fields)
    self.sources = sources
    self.types = types
    approximated = zip(fields, types).filter { $1.isApproximated }.map(\.0.name)
  }
}

extension PostgresConnection {
  /// The columns that a query would return; nothing is executed. A column is not nullable where it
  /// is a NOT NULL column of a table and no join can make it null; its comment becomes `about`.
  /// - Throws: `PostgresError` of kind `.statement`: Postgres's own, or for a type that Roost cannot
  ///   hold, two columns of one name, or parameters in the query.
  public func describe(_ select: String) throws(PostgresError) -> StatementDescription {
    let result = try prepared(select)
    let columns = (0..<PQnfields(result.pointer)).map { DescribedColumn(result.pointer, $0) }
    var seen: Set<String> = []
    for column in columns where !seen.insert(column.name).inserted {
      throw PostgresError(
        .statement, "two columns are named \"\(column.name)\"",
        hint: "name one of them differently with AS", location: location)
    }
    let types = try heldTypes(of: columns)
    let facts = try tableColumns(columns.compactMap(\.origin))
    let mayNullify = JoinWords.mayNullify(select)
    var sources: [String: String] = [:]
    let fields = zip(columns, types).map { column, type in
      let fact = column.origin.flatMap { facts[$0] }
      sources[column.name] = fact?.name
      return Field(
        column.name, type.column, isNullable: mayNullify || fact?.isNotNull != true,
        about: fact?.comment)
    }
    return StatementDescription(fields: fields, types: types, sources: sources)
  }

  /// Has the server parse and type a statement, without running it.
  /// - Throws: `PostgresError` of kind `.statement`: Postgres's own, or for parameters in it.
  public func verify(_ statement: String) throws(PostgresError) { _ = try prepared(statement) }

  private func prepared(_ statement: String) throws(PostgresError) -> StatementResult {
    let session = try openSession()
    if statement.utf8.contains(0) {
      throw PostgresError(.statement, "a statement must not contain NUL", location: location)
    }
    _ = try session.run(content: .text) { PQsendPrepare($0, "", statement, 0, nil) }
    let result = try session.run(content: .text) { PQsendDescribePrepared($0, "") }
    if PQnparams(result.pointer) > 0 {
      throw PostgresError(
        .statement, "a statement takes no parameters such as $1", location: location)
    }
    return result
  }

  private func heldTypes(of columns: [DescribedColumn]) throws(PostgresError) -> [HeldType] {
    let others = columns.filter { HeldType(oid: $0.type, modifier: $0.modifier) == nil }
    var enums: Set<Oid> = []
    var names: [Oid: String] = [:]
    if !others.isEmpty {
      let rows = try query(
        """
        SELECT oid::int8 AS oid, typtype = 'e' AS is_enum, format_type(oid, NULL) AS name
        FROM pg_catalog.pg_type WHERE oid = ANY($1::oid[])
        """, [.texts(others.map { String($0.type) })])
      for row in rows {
        let oid = Oid(truncatingIfNeeded: try row.int("oid"))
        names[oid] = try row.string("name")
        if try row.bool("is_enum") { enums.insert(oid) }
      }
    }
    var types: [HeldType] = []
    for column in columns {
      if let type = HeldType(oid: column.type, modifier: column.modifier) {
        types.append(type)
      } else if enums.contains(column.type) {
        types.append(.text)
      } else {
        var error = PostgresError(
          .statement,
          "column \"\(column.name)\" has type \(names[column.type] ?? "unknown"), which cannot be read",
          hint: "cast it in the query, as in \(column.name)::text", location: location)
        error.column = column.name
        throw error
      }
    }
    return types
  }

  /// What the catalog says of table columns.
  private func tableColumns(
    _ origins: [DescribedColumn.Origin]
  ) throws(PostgresError) -> [DescribedColumn.Origin: TableColumn] {
    guard !origins.isEmpty else { return [:] }
    let rows = try query(
      """
      SELECT attrelid::int8 AS relation, attnum AS number, attnotnull AS is_not_null,
        col_description(attrelid, attnum) AS comment,
        format('%s.%s.%s', nspname, relname, attname) AS name
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE (attrelid, attnum) IN (SELECT * FROM unnest($1::oid[], $2::int2[]))
      """,
      [.texts(origins.map { String($0.table) }), .texts(origins.map { String($0.number) })])
    var columns: [DescribedColumn.Origin: TableColumn] = [:]
    for row in rows {
      let origin = DescribedColumn.Origin(
        table: Oid(truncatingIfNeeded: try row.int("relation")),
        number: Int32(truncatingIfNeeded: try row.int("number")))
      columns[origin] = TableColumn(
        name: try row.string("name"), isNotNull: try row.bool("is_not_null"),
        comment: try row.optionalString("comment"))
    }
    return columns
  }
}

/// A table's column as the catalog has it.
private struct TableColumn {
  /// `schema.table.column`.
  let name: String
  let isNotNull: Bool
  let comment: String?
}

/// A column as libpq describes it.
private struct DescribedColumn {
  struct Origin: Hashable {
    let table: Oid
    let number: Int32
  }

  let name: String
  let type: Oid
  let modifier: Int32
  /// The table's column that it shows unchanged, if it is one.
  let origin: Origin?

  init(_ result: OpaquePointer, _ place: Int32) {
    name = PQfname(result, place).map { String(cString: $0) } ?? ""
    type = PQftype(result, place)
    modifier = PQfmod(result, place)
    let table = PQftable(result, place)
    let number = PQftablecol(result, place)
    origin = table != 0 && number > 0 ? Origin(table: table, number: number) : nil
  }
}

/// Postgres names the table column behind a result column even where an outer join or a grouping set
/// makes it null. Their key words anywhere in the text are taken as a sign of that.
private enum JoinWords {
  static func mayNullify(_ sql: String) -> Bool {
    sql.contains(#/\b(left|right|full|rollup|cube|sets)\b/#.ignoresCase())
  }
}
