import PostgresClient

/// How a table is read: as it stands, or by a SELECT where names need quotes, types cannot be read, or
/// columns should not be.
struct TableReading: Sendable, Hashable {
  let table: SourceTable
  /// Columns that are read, with the names that they get.
  let columns: [(column: SourceColumn, name: String)]
  /// Columns that are not, with the reason.
  let leftOut: [(column: SourceColumn, reason: String)]

  /// - Parameter avoided: names that a column must not get, by the column.
  init(_ table: SourceTable, avoiding avoided: [String: Set<String>] = [:]) {
    self.table = table
    var read: [SourceColumn] = []
    var leftOut: [(SourceColumn, String)] = []
    for column in table.columns {
      if ColumnGuesses.isSecret(column) {
        leftOut.append((column, "a secret"))
      } else if !column.isAllowed {
        leftOut.append((column, "this role may not read it"))
      } else if column.kind == .unreadable {
        leftOut.append((column, "type \(column.typeName)"))
      } else {
        read.append(column)
      }
    }
    self.leftOut = leftOut.map { (column: $0.0, reason: $0.1) }
    func keeps(_ column: SourceColumn) -> Bool {
      NameWords.isPlain(column.name) && avoided[column.name]?.contains(column.name) != true
    }
    var names = NameSet(Set(read.filter(keeps).map(\.name)))
    var taken: [(column: SourceColumn, name: String)] = []
    for column in read {
      if keeps(column) {
        taken.append((column, column.name))
        continue
      }
      let plain = NameWords.plain(column.name)
      let isAvoided = avoided[column.name]?.contains(plain) == true
      let what = NameWords.singular(NameWords.plain(table.name.name))
      let other = NameWords.clipped("\(what)_\(NameWords.plain(column.name))", to: 60)
      taken.append((column, isAvoided ? names.claim(other) : names.claim(plain)))
    }
    columns = taken
  }

  /// The name that a column gets.
  func name(of column: String) -> String {
    columns.first { $0.column.name == column }?.name ?? column
  }

  /// Whether the table can be named in the pipeline.
  var isPlain: Bool {
    leftOut.isEmpty && !table.name.description.contains("\n")
      && !table.name.name.contains(".") && table.name.schema?.contains(".") != true
      && columns.allSatisfy { column, name in
        if case .cast = column.kind { return false }
        return column.name == name
      }
  }

  /// The SELECT that reads it.
  func select() throws(PostgresError) -> String { try select(reason, also: []) }

  /// The SELECT that reads it, with a column that numbers rows which agree in some columns by others.
  func select(
    numbering name: String, within columns: [String], by order: [SourceColumn]
  ) throws(PostgresError) -> String {
    var within: [String] = []
    for column in columns { within.append(try SQLText.identifier(column)) }
    var by: [String] = []
    for column in order { by.append(try Self.sortable(column)) }
    let sorting = by.isEmpty ? "" : "\n    ORDER BY \(by.joined(separator: ", "))"
    let window =
      "row_number() OVER (\n    PARTITION BY \(within.joined(separator: ", "))\(sorting)\n  )"
    return try select(
      "The database knows no key: rows that agree in what a key could be are numbered.",
      also: ["\(window) AS \(name)"])
  }

  private func select(_ reason: String, also more: [String]) throws(PostgresError) -> String {
    var lines = ["-- \(reason)"]
    if !leftOut.isEmpty {
      let names = leftOut.map { "\(Self.oneLine($0.column.name)) (\($0.reason))" }
      lines.append("-- Left out: \(names.joined(separator: ", ")).")
    }
    lines.append("SELECT")
    var items: [String] = []
    for (column, name) in columns { items.append("  \(try Self.item(column, name))") }
    items += more.map { "  \($0)" }
    lines.append(items.joined(separator: ",\n"))
    lines.append("FROM \(try SQLText.table(table.name))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// A column as something that Postgres can order by: not every type has an order.
  private static func sortable(_ column: SourceColumn) throws(PostgresError) -> String {
    let source = try SQLText.identifier(column.name)
    switch column.kind {
    case .cast(let type): return "\(source)::\(type)"
    case .other: return "\(source)::text"
    default: return source
    }
  }

  private var reason: String {
    columns.contains { $0.column.name != $0.name }
      ? "Gives the columns names that need no quotes."
      : "Reads the columns that can be read and should be."
  }

  private static func item(_ column: SourceColumn, _ name: String) throws(PostgresError) -> String {
    let source = try SQLText.identifier(column.name)
    if case .cast(let type) = column.kind { return "\(source)::\(type) AS \(name)" }
    return column.name == name ? source : "\(source) AS \(name)"
  }

  /// A name that ends no comment.
  static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }

  static func == (a: Self, b: Self) -> Bool {
    a.table == b.table && a.columns.map(\.name) == b.columns.map(\.name)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(table) }
}

/// SQL as a person would write it: quotes only where they are needed.
enum SQLText {
  static func identifier(_ name: String) throws(PostgresError) -> String {
    let isSimple = name.utf8.allSatisfy { byte in
      (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5f
    }
    return isSimple && NameWords.isPlain(name) ? name : try SQL.identifier(name)
  }

  static func table(_ name: QualifiedName) throws(PostgresError) -> String {
    guard let schema = name.schema else { return try identifier(name.name) }
    return "\(try identifier(schema)).\(try identifier(name.name))"
  }
}
