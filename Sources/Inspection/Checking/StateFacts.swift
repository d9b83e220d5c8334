import Diagnostics
import PipelineFiles
import PostgresClient

/// What a database says of itself, of the role that asks, and of the schemas that hold runs' state.
struct StateFacts: Sendable {
  struct Schema: Sendable {
    let name: String
    let isThere: Bool
    let mayUse: Bool
    let mayCreate: Bool
  }

  let role: String
  let database: String
  let isStandby: Bool
  /// Who made transactions read only: "the role", "the database"; nil where they are not.
  let readOnlySource: String?
  let isReplica: Bool
  let mayMakeSchemas: Bool
  let schemas: [Schema]
  /// Whether a roost has made its tables.
  let hasVersion: Bool
  /// The owner of tables of schema roost that are not the role's.
  let otherOwner: String?
  /// Tables of schema roost that the role may not read and write.
  let closedTables: [String]

  var quotedRole: String { Self.quoted(role) }
  static func quoted(_ name: String) -> String { (try? SQL.identifier(name)) ?? name }

  static func read(_ connection: PostgresConnection) async throws -> StateFacts {
    let rows = try await connection.query(
      """
      SELECT current_user::text AS role, current_database()::text AS database,
        pg_is_in_recovery() AS is_standby,
        (SELECT CASE WHEN setting = 'on' THEN source END FROM pg_catalog.pg_settings
          WHERE name = 'default_transaction_read_only') AS read_only_source,
        current_setting('session_replication_role') = 'replica' AS is_replica,
        has_database_privilege(current_database(), 'CREATE') AS may_make_schemas,
        w.name, n.oid IS NOT NULL AS is_there,
        coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS may_use,
        coalesce(has_schema_privilege(n.oid, 'CREATE'), false) AS may_create,
        EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid
          AND c.relname = 'schema_version' AND n.nspname = 'roost') AS has_version,
        (SELECT min(pg_get_userbyid(c.relowner)) FROM pg_catalog.pg_class c
          WHERE c.relnamespace = n.oid AND n.nspname = 'roost' AND c.relkind = 'r'
            AND NOT pg_has_role(c.relowner, 'USAGE'))::text AS other_owner,
        ARRAY_TO_STRING(ARRAY(SELECT 'roost.' || c.relname FROM pg_catalog.pg_class c
          WHERE c.relnamespace = n.oid AND n.nspname = 'roost' AND c.relkind = 'r'
            AND EXISTS (SELECT FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) p
              WHERE NOT has_table_privilege(c.oid, p))
          ORDER BY c.relname), ',') AS closed
      FROM unnest('{roost,roost_data}'::text[]) w(name)
      LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.name
      ORDER BY w.name
      """)
    guard let first = rows.first else {
      throw PostgresError(.statement, "the database does not say who asks")
    }
    return StateFacts(
      role: try first.string("role"), database: try first.string("database"),
      isStandby: try first.bool("is_standby"),
      readOnlySource: try first.optionalString("read_only_source"),
      isReplica: try first.bool("is_replica"),
      mayMakeSchemas: try first.bool("may_make_schemas"),
      schemas: try rows.map {
        Schema(
          name: try $0.string("name"), isThere: try $0.bool("is_there"),
          mayUse: try $0.bool("may_use"), mayCreate: try $0.bool("may_create"))
      },
      hasVersion: try first.bool("has_version"),
      otherOwner: try first.optionalString("other_owner"),
      closedTables: try first.string("closed").split(separator: ",").map(String.init))
  }

  /// Why nothing can be written at all.
  func readOnly(at place: SourceSpan) -> Diagnostic? {
    if isStandby {
      return Diagnostic(
        .readOnlyState,
        "the state's database is a standby, on which nothing can be written", at: place,
        help: "name the primary, or add target_session_attrs=read-write to the connection's URL")
    }
    guard let readOnlySource else { return nil }
    let (who, remedy) =
      switch readOnlySource {
      case "user", "database user":
        ("the role", "ALTER ROLE \(quotedRole) RESET default_transaction_read_only")
      case "database":
        (
          "the database",
          "ALTER DATABASE \(Self.quoted(database)) RESET default_transaction_read_only"
        )
      case "client": ("the connection", "take it out of the connection's URL or of PGOPTIONS")
      default: ("the server", "wait until the server may be written to again")
      }
    return Diagnostic(
      .readOnlyState,
      "\(who) makes transactions read only (default_transaction_read_only), and a run writes its state to database '\(database)' as '\(role)'",
      at: place, help: "\(remedy), or let another role write: state:")
  }

  /// What stands against using the schemas, or against making them.
  func problems(at place: SourceSpan) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    let missing = schemas.filter { !$0.isThere }.map(\.name)
    if !missing.isEmpty, !mayMakeSchemas {
      let lacked = "CREATE ON DATABASE \(Self.quoted(database))"
      let made = missing.map { "CREATE SCHEMA \($0) AUTHORIZATION \(quotedRole)" }
      problems.append(
        Diagnostic(
          .missingPrivilege,
          "the role '\(role)' cannot make \(missing.joined(separator: " and ")), the schemas where runs keep their state: it lacks \(lacked)",
          at: place,
          help:
            "GRANT \(lacked) TO \(quotedRole), or make them for it: \(made.joined(separator: "; "))"
        ))
    }
    for schema in schemas where schema.isThere && !(schema.mayUse && schema.mayCreate) {
      let lacked =
        ((schema.mayUse ? [] : ["USAGE"]) + (schema.mayCreate ? [] : ["CREATE"]))
        .joined(separator: ", ") + " ON SCHEMA \(schema.name)"
      problems.append(
        Diagnostic(
          .missingPrivilege,
          "the role '\(role)' cannot use schema \(schema.name), where runs keep their state: it lacks \(lacked)",
          at: place, help: "GRANT \(lacked) TO \(quotedRole)"))
    }
    return problems
  }

  /// Whether what schema roost says can be read, or there is none.
  var isReadable: Bool {
    closedTables.isEmpty && schemas.allSatisfy { !$0.isThere || $0.mayUse }
  }
}
