import Diagnostics

/// Why no project can be drafted.
public enum InitError: EndsCommand, Hashable {
  case noSchema(String, others: [String], location: String)
  /// Nothing to read; `forbidden` are tables that are there and may not be read.
  case noTables(schemas: [String], forbidden: [String], location: String)
  /// No table of customers and no column that names them.
  case noEntity(looked: [String], schemas: [String])
  /// Nothing with a time belongs to the entity.
  case noActivity(entity: String, looked: [String])
  /// `--entity` names nothing that can be used.
  case wrongEntity(String, why: String, others: [String])
  case unknownZone(String)
  /// Files that would be overwritten.
  case filesExist([String])
  case cannotWrite(String, why: String)
}

extension InitError {
  public var status: ExitStatus {
    switch self {
    case .filesExist: .wrongFiles
    case .noSchema, .wrongEntity, .unknownZone: .wrongUsage
    case .noTables, .noEntity, .noActivity, .cannotWrite: .stageFailed
    }
  }

  public var description: String {
    switch self {
    case .noSchema(let name, let others, let location):
      "there is no schema '\(name)' with tables in \(location)"
        + (others.isEmpty ? "" : "; schemas with tables: \(Self.list(others))")
    case .noTables(let schemas, let forbidden, let location):
      forbidden.isEmpty
        ? "there is no table in "
          + (schemas.isEmpty ? "\(location)" : "schema \(Self.list(schemas)) of \(location)")
          + "; is it the right database? Load the shop's tables first, or name another with "
          + "--connection-variable"
        : "this role may read none of the \(forbidden.count) tables in \(location), "
          + "such as \(Self.list(forbidden)); let their owner GRANT USAGE ON SCHEMA and SELECT ON "
          + "the tables"
    case .noEntity(let looked, let schemas):
      "no table of customers was found among \(Self.list(looked))\n"
        + "looked for a table that others with a time reference by a foreign key or a column such as "
        + "user_id, and for a column such as customer_id beside a time; "
        + "say who it is about with --entity TABLE.COLUMN"
        + (schemas.isEmpty ? "" : ", or look elsewhere with --schema: \(Self.list(schemas))")
    case .noActivity(let entity, let looked):
      "no table says when \(entity) did something: none of \(Self.list(looked)) has both a column "
        + "for it and a date or timestamp of what happened\n"
        + "if times are kept as text or numbers, make a view that casts them, or say who it is about "
        + "with --entity TABLE.COLUMN"
    case .wrongEntity(let text, let why, let others):
      "--entity \(text): \(why)" + (others.isEmpty ? "" : "; there are: \(Self.list(others))")
    case .unknownZone(let name):
      "there is no time zone '\(name)'; use an IANA name such as Asia/Shanghai"
    case .filesExist(let paths):
      "\(Self.list(paths)) \(paths.count == 1 ? "exists" : "exist") already and nothing was written; "
        + "move \(paths.count == 1 ? "it" : "them") away, or name another folder"
    case .cannotWrite(let path, let why): "\(path) cannot be written: \(why)"
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(12).joined(separator: ", ")
      + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}
