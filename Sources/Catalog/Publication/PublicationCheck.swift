import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// Asks the state's database about what is run at publication. Executes none of it.
public struct PublicationCheck: Sendable {
  struct SQLStage: Sendable {
    let name: String
    let statements: PublicationStatements
  }

  private let stages: [SQLStage]
  /// The views of what the pipeline publishes, as they will be.
  private let published: [QualifiedName: [Field]]

  /// - Returns: nil where nothing is run at publication, or not all is known that it may use.
  public init?(_ planning: Planning) {
    let plans = planning.parts.map { ($0.stage.name.text, $0.plan) }
    stages = plans.compactMap { name, plan in
      plan.atPublication.map { SQLStage(name: name, statements: $0) }
    }
    var published: [QualifiedName: [Field]] = [:]
    for table in plans.flatMap(\.1.tables) where table.mode.isRoosts {
      let fields = table.publishedFields
      published[table.name] = fields
      published[TargetTable.current(of: table.name)] = fields
    }
    self.published = published
    if stages.isEmpty || !planning.knowsTables { return nil }
  }

  /// What is wrong, or could not be checked.
  /// - Throws: `PostgresError` where the database cannot be reached.
  public func diagnostics(on connection: PostgresConnection) async throws -> [Diagnostic] {
    let statements = stages.flatMap(\.statements.statements).map { $0.sent(by: 0) }
    let names = Set(
      published.keys + stages.flatMap(\.statements.creates).map(\.name)
        + statements.flatMap(\.targets).map(\.reference.name))
    let standing = try await StandingTable.read(Array(names), connection)
    let role = try await CheckingRole.read(connection)
    var diagnostics: [Diagnostic] = []
    var made = published
    var isAfterDefinition = false
    var isForeseeable = true
    var touched: Set<String> = []
    var (isAfterDrop, isAfterMaking) = (false, false)
    for (place, stage) in stages.enumerated() {
      for table in stage.statements.creates {
        diagnostics += try CreatedTableCheck(table: table, standing: standing[table.name])
          .diagnostics()
        made[table.name] = table.fields
      }
      let later = Dictionary(
        stages.dropFirst(place + 1).flatMap { later in
          later.statements.creates.map { ($0.name, later.name) }
        }, uniquingKeysWith: { first, _ in first })
      for statement in stage.statements.statements {
        let sent = statement.sent(by: 0)
        let named = sent.needs.flatMap(\.names)
        let check = StatementCheck(
          statement: sent, made: made, later: later, standing: standing,
          role: role, isAfterDefinition: isAfterDefinition,
          acceptsRowSecurity: stage.statements.acceptsRowSecurity,
          hasCheckedNames: isForeseeable && !named.isEmpty && touched.isDisjoint(with: named))
        let utility = UtilityCheck(
          statement: sent, made: made, published: Set(published.keys), touched: touched,
          isAfterDrop: isAfterDrop, isAfterMaking: isAfterMaking, role: role.name)
        if isForeseeable, let found = try await utility.diagnostic(on: connection) {
          diagnostics.append(found)
        } else if let found = try await check.diagnostic(on: connection) {
          diagnostics.append(found)
        }
        touched.formUnion(named)
        isAfterDrop = isAfterDrop || sent.verb == "drop"
        isAfterMaking = isAfterMaking || ["create", "alter"].contains(sent.verb)
        isForeseeable = isForeseeable && !sent.isUnforeseeable
        isAfterDefinition = isAfterDefinition || !statement.isTypedWhenPrepared
      }
    }
    return diagnostics
  }
}

/// Who asks, and what it may do in the database.
struct CheckingRole: Sendable {
  let name: String
  let database: String
  let mayMakeTemporaryTables: Bool

  static func read(_ connection: PostgresConnection) async throws -> CheckingRole {
    let rows = try await connection.query(
      """
      SELECT current_user::text AS role, current_database()::text AS database,
        has_database_privilege(current_database(), 'TEMPORARY') AS may_temporary
      """)
    guard let row = rows.first else {
      throw PostgresError(.statement, "the database does not say who asks")
    }
    return CheckingRole(
      name: try row.string("role"), database: try row.string("database"),
      mayMakeTemporaryTables: try row.bool("may_temporary"))
  }
}
