import CLibpq
import Foundation
import Frames

/// What a statement returns, and how its values travel.
struct DescribedStatement {
  let description: StatementDescription
  /// Those of the columns that can be read.
  let types: [HeldType]
  /// For each column that shows a view's column unchanged, that column.
  let ofViews: [String: ColumnOrigin]
}

extension PostgresConnection {
  /// The columns that a query would return; nothing is executed. A column is not nullable where it
  /// is a NOT NULL column of a table and no join can make it null; its comment becomes `about`.
  /// - Throws: `PostgresError` of kind `.statement`: Postgres's own, or for a type that Roost cannot
  ///   hold, two columns of one name, or parameters in the query.
  public func describe(_ select: String) throws(PostgresError) -> StatementDescription {
    try described(select).description
  }

  /// The same, with how the values travel.
  func described(_ select: String) throws(PostgresError) -> DescribedStatement {
    let described = try describedReadable(select)
    guard var error = described.description.refusal else { return described }
    error.location = location
    throw error
  }

  /// The columns that a query would return, of those that can be read. As `described`, but it leaves out
  /// columns of types that cannot be held, and columns of tables that the role may not read.
  /// - Throws: `PostgresError`.
  func describedReadable(_ select: String) throws(PostgresError) -> DescribedStatement {
    let result = try prepared(select)
    let columns = (0..<PQnfields(result.pointer)).map { DescribedColumn(result.pointer, $0) }
    var seen: Set<String> = []
    for column in columns where !seen.insert(column.name).inserted {
      throw PostgresError(
        .statement, "two columns are named \"\(column.name)\"",
        hint: "name one of them differently with AS", location: location)
    }
    let (types, labels) = try heldTypes(of: columns)
    let facts = try tableColumns(columns.compactMap(\.origin))
    let mayNullify = JoinWords.mayNullify(select)
    var sources: [String: String] = [:]
    var ofViews: [String: ColumnOrigin] = [:]
    var unread: [UnreadColumn] = []
    var held: [HeldType] = []
    var fields: [Field] = []
    for (column, type) in zip(columns, types) {
      let fact = column.origin.flatMap { facts[$0] }
      guard case .held(let type) = type, fact?.isReadable != false else {
        if case .odd(let name) = type {
          unread.append(UnreadColumn(name: column.name, type: name))
        } else {
          unread.append(UnreadColumn(name: column.name, type: nil))
        }
        continue
      }
      held.append(type)
      sources[column.name] = fact?.name
      if fact?.isOfView == true { ofViews[column.name] = column.origin }
      fields.append(
        Field(
          column.name, type.column, isNullable: mayNullify || fact?.isNotNull != true,
          labels: labels[column.type], about: fact?.comment))
    }
    let folded = columns.filter { $0.origin.flatMap { facts[$0] }?.isFolded == true }.map(\.name)
    let description = StatementDescription(
      fields: fields,
      approximated: zip(fields, held).filter { $1.isApproximated }.map(\.0.name),
      sources: sources, folded: folded, unread: unread)
    return DescribedStatement(description: description, types: held, ofViews: ofViews)
  }

  /// Has the server parse and type a statement, without running it.
  /// - Throws: `PostgresError` of kind `.statement`: Postgres's own, or for parameters in it.
  public func verify(_ statement: String) throws(PostgresError) { _ = try prepared(statement) }

  func prepared(_ statement: String) throws(PostgresError) -> StatementResult {
    let session = try openSession()
    if statement.utf8.contains(0) {
      throw PostgresError(.statement, "a statement must not contain NUL", location: location)
    }
    let result = try session.described(statement)
    if PQnparams(result.pointer) > 0 {
      throw PostgresError(
        .statement, "a statement takes no parameters such as $1", location: location)
    }
    return result
  }

  /// How the columns' values are held, and the labels of those that are enums, by type.
  private func heldTypes(
    of columns: [DescribedColumn]
  ) throws(PostgresError) -> ([Holding], labels: [Oid: [String]]) {
    let others = columns.filter { HeldType(oid: $0.type, modifier: $0.modifier) == nil }
    var enums: [Oid: [String]] = [:]
    var names: [Oid: String] = [:]
    if !others.isEmpty {
      let rows = try query(
        """
        SELECT oid::int8 AS oid, format_type(oid, NULL) AS name, CASE WHEN typtype = 'e' THEN
          (SELECT array_to_json(array_agg(enumlabel ORDER BY enumsortorder))::text
            FROM pg_catalog.pg_enum WHERE enumtypid = t.oid) END AS labels, typtype = 'e' AS is_enum
        FROM pg_catalog.pg_type t WHERE oid = ANY($1::oid[])
        """, [.texts(others.map { String($0.type) })])
      for row in rows {
        let oid = Oid(truncatingIfNeeded: try row.int("oid"))
        names[oid] = try row.string("name")
        if try row.bool("is_enum") {
          let list = try row.optionalString("labels") ?? "[]"
          guard let labels = try? JSONDecoder().decode([String].self, from: Data(list.utf8)) else {
            throw PostgresError(
              .statement, "the labels of type \(names[oid] ?? "") cannot be read",
              location: location)
          }
          enums[oid] = labels
        }
      }
    }
    let types = columns.map { column -> Holding in
      if let type = HeldType(oid: column.type, modifier: column.modifier) { return .held(type) }
      return enums[column.type] != nil ? .held(.text) : .odd(names[column.type] ?? "unknown")
    }
    return (types, enums)
  }

  /// What the catalog says of table columns.
  private func tableColumns(
    _ origins: [ColumnOrigin]
  ) throws(PostgresError) -> [ColumnOrigin: TableColumn] {
    guard !origins.isEmpty else { return [:] }
    let rows = try query(
      """
      SELECT attrelid::int8 AS relation, attnum AS number, attnotnull AS is_not_null,
        has_column_privilege(attrelid, attnum, 'SELECT') AS is_readable,
        NOT coalesce(l.collisdeterministic, true) AS is_folded,
        col_description(attrelid, attnum) AS comment,
        format('%s.%s.%s', nspname, relname, attname) AS name, relkind IN ('v', 'm') AS is_of_view
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
      WHERE (attrelid, attnum) IN (SELECT * FROM unnest($1::oid[], $2::int2[]))
      """,
      [.texts(origins.map { String($0.table) }), .texts(origins.map { String($0.number) })])
    var columns: [ColumnOrigin: TableColumn] = [:]
    for row in rows {
      let origin = ColumnOrigin(
        table: Oid(truncatingIfNeeded: try row.int("relation")),
        number: Int32(truncatingIfNeeded: try row.int("number")))
      columns[origin] = TableColumn(
        name: try row.string("name"), isNotNull: try row.bool("is_not_null"),
        isReadable: try row.optionalBool("is_readable") ?? true,
        isFolded: try row.bool("is_folded"),
        comment: try row.optionalString("comment"), isOfView: try row.bool("is_of_view"))
    }
    return columns
  }
}

/// How a column's values are held.
private enum Holding {
  case held(HeldType)
  /// Not at all: the type's name.
  case odd(String)
}

/// A column of a table or view by its numbers.
struct ColumnOrigin: Sendable, Hashable {
  let table: Oid
  let number: Int32
}

/// A table's column as the catalog has it.
private struct TableColumn {
  /// `schema.table.column`.
  let name: String
  let isNotNull: Bool
  /// Whether the role may read it.
  let isReadable: Bool
  /// Whether its collation finds texts equal whose bytes differ.
  let isFolded: Bool
  let comment: String?
  let isOfView: Bool
}

/// A column as libpq describes it.
struct DescribedColumn {
  let name: String
  let type: Oid
  let modifier: Int32
  /// The table's column that it shows unchanged, if it is one.
  let origin: ColumnOrigin?

  init(_ result: OpaquePointer, _ place: Int32) {
    name = PQfname(result, place).map { String(cString: $0) } ?? ""
    type = PQftype(result, place)
    modifier = PQfmod(result, place)
    let table = PQftable(result, place)
    let number = PQftablecol(result, place)
    origin = table != 0 && number > 0 ? ColumnOrigin(table: table, number: number) : nil
  }
}

/// Postgres names the table column behind a result column even where an outer join or a grouping set
/// makes it null. Their key words anywhere in the text are taken as a sign of that.
private enum JoinWords {
  static func mayNullify(_ sql: String) -> Bool {
    sql.contains(#/\b(left|right|full|rollup|cube|sets)\b/#.ignoresCase())
  }
}
