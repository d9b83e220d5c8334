import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// Checks what a statement needs that Postgres looks at only when it runs: what it names, whose it is, and
/// whether a name is free.
struct UtilityCheck: Sendable {
  let statement: ScriptStatement
  /// What the run makes before it or publishes: it is the role's own, where it does not stand yet.
  let made: [QualifiedName: [Field]]
  /// The views of what the pipeline publishes.
  let published: Set<QualifiedName>
  /// Names that statements before it have made, dropped or changed.
  let touched: Set<String>
  /// Whether a statement before it drops something, and with it what hangs on that.
  let isAfterDrop: Bool
  /// Whether a statement before it makes or changes a table or an index, and with it indexes and sequences
  /// that nobody names.
  let isAfterMaking: Bool
  let role: String

  /// What is wrong; nil where nothing is, as far as that can be known.
  func diagnostic(on connection: PostgresConnection) async throws -> Diagnostic? {
    let needs = statement.needs
    for need in needs {
      if let found = ofPublished(need) { return found }
      let name = need.reference.name
      if touched.contains(name.name) || name.schema == "pg_temp" { continue }
      if let schema = name.schema, touched.contains(schema) { continue }
      if let found = try await diagnostic(need, connection) { return found }
    }
    if let found = try await referred(needs, connection) { return found }
    return try await dependant(needs, connection)
  }

  /// What is published goes when its time is over, and nobody else may take it away.
  private func ofPublished(_ need: UtilityNeed) -> Diagnostic? {
    let name = need.reference.name
    switch need.kind {
    case .drop, .change:
      guard statement.verb != "comment", published.contains(name) else { return nil }
    case .dropSchema:
      guard published.contains(where: { $0.schema == name.name }) else { return nil }
    case .create(let replaces):
      guard published.contains(name), replaces || !need.isConditional else { return nil }
      return error(
        need, "\(name) is what this pipeline publishes", help: "give it another name")
    default: return nil
    }
    return error(
      need,
      need.kind == .dropSchema
        ? "schema '\(name.name)' holds what this pipeline publishes"
        : "\(name) shows what this pipeline publishes, and is not for changing",
      help: "remove the statement; what is published goes with keep:")
  }

  private func diagnostic(
    _ need: UtilityNeed, _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    let name = need.reference.name
    let isSchema = need.kind == .dropSchema || need.kind == .createSchema
    let isMade = if case .create = need.kind { true } else { false }
    let facts = try await UtilityFacts.read(
      name, isSchema: isSchema, isMade: isMade, connection)
    switch need.kind {
    case .createTemporary: return nil
    case .createSchema:
      // Postgres asks for the right before it looks whether there is anything to do.
      guard facts.mayCreateSchemas else {
        return error(
          need, "the role '\(role)' may not CREATE in database \(facts.database)",
          help: "GRANT CREATE ON DATABASE \(try SQL.identifier(facts.database)) TO "
            + "\(try SQL.identifier(role)), or let somebody make the schema once")
      }
      return facts.schema == nil || need.isConditional
        ? nil
        : error(
          need, "schema \"\(name.name)\" already exists", help: "CREATE SCHEMA IF NOT EXISTS …")
    case .dropSchema:
      if facts.schema == nil {
        return need.isConditional
          ? nil
          : error(need, "schema \"\(name.name)\" does not exist", help: "DROP SCHEMA IF EXISTS …")
      }
      return facts.ownsSchema ? nil : notOwner(need, "schema \(name.name)")
    case .create(let replaces): return try taken(need, facts, replaces: replaces)
    case .truncate, .change, .drop, .index: break
    }
    guard let relation = facts.relation else {
      let isIndex = if case .index = need.kind { true } else { false }
      if made[name] != nil || need.isConditional && !isIndex { return nil }
      if isAfterMaking, ["index", "sequence"].contains(need.object) { return nil }
      return error(need, "\(need.object) \(name) does not exist", help: nil)
    }
    switch need.kind {
    case .truncate:
      if relation.mayTruncate { return nil }
      guard ["table", "foreign table"].contains(relation.kind) else {
        return error(need, "\(name) is \(Self.one(relation)) and cannot be truncated", help: nil)
      }
      return error(
        need, "the role '\(role)' may not TRUNCATE \(name)",
        help: "GRANT TRUNCATE ON \(try name.sql) TO \(try SQL.identifier(role)), or DELETE FROM it")
    case .index(let index):
      guard relation.isOwn else { return notOwner(need, "\(relation.kind) \(name)") }
      if let refused = try mayNotCreate(need, facts) { return refused }
      guard let index, !need.isConditional, !touched.contains(index), !isAfterDrop else {
        return nil
      }
      let other = try await UtilityFacts.read(
        QualifiedName(schema: facts.schema, name: index), connection)
      return other.relation == nil
        ? nil
        : error(
          need, "\(Self.one(other.relation)) \(index) stands in \(facts.schema ?? "") already",
          help: "CREATE INDEX IF NOT EXISTS …, since the statement runs every night")
    default:
      if need.kind == .drop, relation.kind != need.object {
        return error(
          need, "\(name) is \(Self.one(relation)), not a \(need.object)",
          help: "DROP \(relation.kind.uppercased())\(need.isConditional ? " IF EXISTS" : "") …")
      }
      if statement.verb == "drop", facts.ownsSchema { return nil }
      guard relation.isOwn else { return notOwner(need, "\(relation.kind) \(name)") }
      // What is published has the columns of tonight by then.
      guard let column = need.column, made[name]?.contains(where: { $0.name == column }) != true
      else { return nil }
      if !published.contains(name),
        try await UtilityFacts.hasColumn(column, relation.oid, connection)
      {
        return nil
      }
      return error(need, "\(name) has no column '\(column)'", help: nil)
    }
  }

  private func mayNotCreate(_ need: UtilityNeed, _ facts: UtilityFacts) throws -> Diagnostic? {
    guard !facts.mayCreate, let schema = facts.schema else { return nil }
    return error(
      need, "the role '\(role)' may not CREATE in schema \(schema)",
      help: "GRANT CREATE ON SCHEMA \(try SQL.identifier(schema)) TO \(try SQL.identifier(role))")
  }

  /// Whether a name that is to be made is free, and may be made there.
  private func taken(
    _ need: UtilityNeed, _ facts: UtilityFacts, replaces: Bool
  ) throws -> Diagnostic? {
    let name = need.reference.name
    // Asked before it is looked whether there is anything to do.
    if let refused = try mayNotCreate(need, facts) { return refused }
    if let relation = facts.relation {
      if replaces, relation.kind == need.object {
        return relation.isOwn ? nil : notOwner(need, "\(relation.kind) \(name)")
      }
      if need.isConditional || isAfterDrop { return nil }
      return error(
        need, "\(Self.one(relation)) \(name) stands there already",
        help: replaces
          ? "give it another name, or DROP \(relation.kind.uppercased()) IF EXISTS before it"
          : "the statement runs every night: CREATE \(need.object.uppercased()) IF NOT EXISTS …, or DROP before it"
      )
    }
    if made[name] != nil {
      return need.isConditional || replaces
        ? nil : error(need, "\(name) is made by this pipeline before", help: "give it another name")
    }
    guard facts.schema == nil, let schema = name.schema, !touched.contains(schema),
      !made.keys.contains(where: { $0.schema == schema })
    else { return nil }
    return error(
      need, "schema \"\(schema)\" does not exist", help: "CREATE SCHEMA IF NOT EXISTS \(schema)")
  }

  /// Postgres drops nothing on which something else hangs, unless it is told to.
  private func dependant(
    _ needs: [UtilityNeed], _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    let dropped = needs.filter { $0.kind == .drop }
    // What statements before it have made or dropped may hang on it, or not any more.
    guard let first = dropped.first, !statement.cascades, touched.isEmpty, !isAfterDrop,
      !isAfterMaking
    else { return nil }
    var oids: [Int] = []
    for need in dropped {
      let facts = try await UtilityFacts.read(need.reference.name, connection)
      if let relation = facts.relation { oids.append(relation.oid) }
    }
    guard !oids.isEmpty,
      let dependant = try await UtilityFacts.dependant(of: oids, connection)
    else { return nil }
    return error(
      first, "\(dependant) depends on what is dropped",
      help: "drop it before, or end the statement with CASCADE")
  }

  /// Postgres truncates no table to which others refer, however few rows they have.
  private func referred(
    _ needs: [UtilityNeed], _ connection: PostgresConnection
  ) async throws -> Diagnostic? {
    let tables = needs.filter { $0.kind == .truncate }
    guard let first = tables.first, !statement.cascades, touched.isEmpty else { return nil }
    var oids: [Int] = []
    for table in tables {
      let facts = try await UtilityFacts.read(table.reference.name, connection)
      if let relation = facts.relation { oids.append(relation.oid) }
    }
    guard let found = try await UtilityFacts.reference(to: oids, connection) else { return nil }
    return error(
      first,
      "\(found.table) refers to \(found.target) (foreign key \(found.constraint)), so that it cannot be truncated alone",
      help: "TRUNCATE both, or DELETE FROM \(found.target)")
  }

  private static func one(_ relation: UtilityFacts.Relation?) -> String {
    relation?.kind == "index" ? "an index" : "a \(relation?.kind ?? "relation")"
  }

  private func notOwner(_ need: UtilityNeed, _ what: String) -> Diagnostic {
    error(
      need,
      "the role '\(role)' is not the owner of \(what), which \(statement.verb.uppercased()) needs",
      help: "let its owner do it once, or give it to the role with ALTER … OWNER TO")
  }

  private func error(_ need: UtilityNeed, _ message: String, help: String?) -> Diagnostic {
    Diagnostic(
      .statementRefused, message, at: statement.snippet.span(of: need.reference.range), help: help)
  }
}
