import Frames
import PipelineFiles
import PostgresClient
import State

/// Takes readers back to what a pipeline published before.
public struct Rollback: Sendable {
  private let connection: PostgresConnection
  private let pipeline: String
  private let environment: String
  /// Whether anything ever ran here.
  private let isThere: Bool

  /// - Parameter isAsking: whether it is only asked what is kept, so that nothing is written.
  public init(
    _ database: ConnectionString, pipeline: String, environment: PublishingEnvironment,
    isAsking: Bool = false
  ) async throws {
    connection = try await PostgresConnection.connect(
      to: database, options: ConnectionOptions(keepalives: .quick, settings: StateSession.guards))
    do {
      if !isAsking { try await StateSchema.migrate(connection) }
      isThere = try await StateSchema.isReadable(connection)
    } catch {
      await connection.close()
      throw error
    }
    self.pipeline = pipeline
    self.environment = environment.name ?? ""
  }

  public func close() async { await connection.close() }

  /// A run whose rows are kept, so that readers can be taken back to it.
  public struct Kept: Sendable {
    public let run: Int
    public let asOf: Instant
    public let zone: CalendarZone
    public let publishedAt: Instant
    public let tables: [Table]
    /// Tables that it published and whose rows are no longer kept.
    public let gone: [String]

    public struct Table: Sendable {
      public let name: String
      public let rows: Int
      /// Whether `_current` shows these rows.
      public let isCurrent: Bool
      /// The run whose rows `_current` showed before.
      let before: Int?
    }

    public var isCurrent: Bool { tables.contains(where: \.isCurrent) }
  }

  /// What a rollback did.
  public struct Outcome: Sendable {
    public let to: Kept
    /// Tables of the pipeline that the run did not publish; they show what they showed.
    public let untouched: [String]
    /// Tables that stand and that the pipeline writes into; nothing is taken back there.
    public let standing: [String]
  }

  /// What is kept, the latest as-of first, and of one as-of the latest run.
  public func kept() async throws -> [Kept] {
    guard isThere else { return [] }
    let rows = try await connection.query(
      """
      SELECT r.run_id, r.as_of, r.zone, p.target, p.rows, p.before_run, p.published_at,
        c.publication_id IS NOT NULL AS is_current
      FROM roost.runs r JOIN roost.publications p USING (run_id)
      LEFT JOIN roost.current_publications c USING (publication_id)
      WHERE r.pipeline = $1 AND r.environment = $2
      ORDER BY r.as_of DESC, r.run_id DESC, p.target COLLATE "C"
      """, key)
    let gone = try await goneTables()
    var kept: [Kept] = []
    for row in rows {
      let run = try row.int("run_id")
      let table = Kept.Table(
        name: try row.string("target"), rows: try row.int("rows"),
        isCurrent: try row.bool("is_current"), before: try row.optionalInt("before_run"))
      let earlier = kept.last?.run == run ? kept.removeLast().tables : []
      kept.append(
        Kept(
          run: run, asOf: try row.instant("as_of"),
          zone: CalendarZone(named: try row.string("zone")) ?? .utc,
          publishedAt: try row.instant("published_at"), tables: earlier + [table],
          gone: gone[run] ?? []))
    }
    return kept
  }

  private var key: [Parameter] { [.text(pipeline), .text(environment)] }

  /// By run, the tables that it published and whose rows are gone: by `keep:`, or by hand.
  private func goneTables() async throws -> [Int: [String]] {
    let loaded = try await connection.query(
      """
      SELECT r.run_id, l.target, p.publication_id FROM roost.runs r JOIN roost.loads l USING (run_id)
      LEFT JOIN roost.publications p ON p.run_id = r.run_id AND p.target = l.target
      WHERE r.pipeline = $1 AND r.environment = $2 AND r.state = 'succeeded'
        AND l.definition->>'mode' = 'snapshot'
      ORDER BY r.run_id, l.target
      """, key)
    let targets = Set(try loaded.map { try $0.string("target") }).sorted()
    let lost = Set(
      try await connection.doubtfulRows(of: targets).filter { $0.doubt == .gone }
        .map(\.publication))
    var gone: [Int: [String]] = [:]
    for row in loaded {
      let publication = try row.optionalInt("publication_id")
      guard publication.map(lost.contains) ?? true else { continue }
      gone[try row.int("run_id"), default: []].append(try row.string("target"))
    }
    return gone
  }

  /// The run that readers saw before the one that they see.
  /// - Throws: `DecisionError.nothingKept` where that is not one run, or is not kept.
  public func previous() async throws -> Int {
    let kept = try await kept()
    let current = kept.filter(\.isCurrent)
    guard current.count == 1, let shown = current.first else {
      throw DecisionError.nothingKept(
        current.isEmpty
          ? "\(name) has published nothing; list its runs with: roost runs --pipeline \(pipeline)"
          : "the tables of \(name) show runs \(current.map { "\($0.run)" }.joined(separator: ", ")); "
            + "say which one all should show: roost rollback \(pipeline) --to RUN")
    }
    let before = shown.tables.compactMap(\.before).max()
    guard let before, kept.contains(where: { $0.run == before }) else {
      throw DecisionError.nothingKept(
        (before.map { "run \($0), which readers of \(name) saw before, is no longer kept" }
          ?? "readers of \(name) saw nothing before run \(shown.run)")
          + "; see what is: roost rollback \(pipeline) --list")
    }
    return before
  }

  /// The latest run for an as-of.
  public func run(asOf: Instant) async throws -> Int {
    guard let run = try await kept().first(where: { $0.asOf == asOf })?.run else {
      throw DecisionError.nothingKept(
        "no publication of \(name) is kept for that as-of; see what is: "
          + "roost rollback \(pipeline) --list")
    }
    return run
  }

  private var name: String {
    environment.isEmpty ? pipeline : "\(pipeline) in environment \(environment)"
  }

  /// Points all tables that a run published at its rows, in one transaction.
  /// - Throws: `DecisionError.notKept` where some of them are gone.
  public func go(to run: Int, by person: String) async throws -> Outcome {
    let kept = try await kept()
    guard let wanted = kept.first(where: { $0.run == run }) else {
      throw DecisionError.nothingKept(
        "run \(run) is no kept publication of \(name); see what is: "
          + "roost rollback \(pipeline) --list")
    }
    guard wanted.gone.isEmpty else { throw DecisionError.notKept(run: run, tables: wanted.gone) }
    let tables = wanted.tables.map(\.name)
    let from = kept.filter(\.isCurrent).map(\.run).max()
    try await LockPatience().retrying(on: connection) { database in
      try database.execute("SET LOCAL synchronous_commit = on")
      // After a publication under way, not in the midst of it.
      try LockPatience().take(turn: "roost.publish", of: "the turn to publish", on: database)
      let standing = try database.query(
        """
        SELECT target FROM roost.publications WHERE run_id = $1 AND target = ANY ($2) FOR UPDATE
        """, [Parameter(run), .texts(tables)])
      guard standing.count == tables.count else {
        throw DecisionError.notKept(run: run, tables: tables)
      }
      try Self.point(at: run, tables, database)
      try Decision.record(.rollback, run: run, from: from, by: person, database)
    }
    let all = Set(kept.flatMap(\.tables).map(\.name))
    return Outcome(
      to: wanted, untouched: all.subtracting(tables).sorted(), standing: try await standing())
  }

  private func standing() async throws -> [String] {
    try await connection.query(
      """
      SELECT DISTINCT m.target FROM roost.merges m JOIN roost.runs r USING (run_id)
      WHERE r.pipeline = $1 AND r.environment = $2 ORDER BY 1
      """, key
    ).map { try $0.string("target") }
  }

  /// Of its as-of the run's rows are the ones that count again, and `_current` shows them.
  private static func point(
    at run: Int, _ tables: [String], _ database: isolated PostgresConnection
  ) throws {
    let parameters: [Parameter] = [Parameter(run), .texts(tables)]
    try database.execute(
      """
      UPDATE roost.publications p SET superseded_at = clock_timestamp()
      FROM roost.publications mine
      WHERE mine.run_id = $1 AND mine.target = ANY ($2) AND p.target = mine.target
        AND p.as_of = mine.as_of AND p.run_id <> mine.run_id AND p.superseded_at IS NULL
      """, parameters)
    try database.execute(
      """
      UPDATE roost.publications SET superseded_at = NULL
      WHERE run_id = $1 AND target = ANY ($2) AND superseded_at IS NOT NULL
      """, parameters)
    try database.execute(
      """
      UPDATE roost.current_publications c SET publication_id = p.publication_id
      FROM roost.publications p
      WHERE p.run_id = $1 AND p.target = ANY ($2) AND c.target = p.target
      """, parameters)
    try forgetPlans(for: tables, database)
  }

  /// Lets sessions plan anew what they have planned for other rows: a GRANT that changes nothing tells them,
  /// and waits for nobody. A plan that is kept nevertheless shows the right rows, only slower.
  private static func forgetPlans(
    for tables: [String], _ database: isolated PostgresConnection
  ) throws {
    for row in try database.query(
      """
      SELECT data_table FROM roost.targets JOIN pg_class c
        ON c.relnamespace = 'roost_data'::regnamespace AND 'roost_data.' || c.relname = data_table
      WHERE target = ANY ($1) AND pg_has_role(c.relowner, 'USAGE')
      """, [.texts(tables)])
    {
      let data = QualifiedName.inData(try row.string("data_table"))
      try database.execute("GRANT SELECT ON \(try data.sql) TO CURRENT_USER")
    }
  }
}
