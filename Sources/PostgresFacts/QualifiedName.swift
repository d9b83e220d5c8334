/// The name of a table or view, with its schema where it has one.
public struct QualifiedName: Sendable, Hashable, CustomStringConvertible {
  public var schema: String?
  public var name: String

  public init(schema: String? = nil, name: String) {
    self.schema = schema
    self.name = name
  }

  /// The name as quoted SQL.
  public var sql: String {
    get throws(PostgresError) {
      let table = try SQL.identifier(name)
      guard let schema else { return table }
      return "\(try SQL.identifier(schema)).\(table)"
    }
  }

  /// A SELECT of some columns of all rows, or of rows without any.
  public func selecting(_ columns: [String]) throws(PostgresError) -> String {
    var names: [String] = []
    for column in columns { names.append(try SQL.identifier(column)) }
    return "SELECT \(names.joined(separator: ", ")) FROM \(try sql)"
  }

  /// As people write it, for messages: not for SQL.
  public var description: String { schema.map { "\($0).\(name)" } ?? name }
}
