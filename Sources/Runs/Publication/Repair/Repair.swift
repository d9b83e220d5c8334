import Frames
import PipelineFiles
import PostgresClient
import State

/// Makes what a pipeline publishes whole again after somebody has changed it by hand: what can be made
/// again is, and what is lost is forgotten, so that no pointer shows it.
public struct Repair: Sendable {
  /// What a repair did.
  public struct Outcome: Sendable {
    /// What was mended, in the order in which it was.
    public let mended: [String]
    /// What a person has to do first.
    public let left: [PublicationDamage]
  }

  private let connection: PostgresConnection
  private let grantTo: String?
  private let patience: LockPatience

  /// - Parameters:
  ///   - grantTo: the role that may read what is published.
  ///   - isTried: whether it is only said what is wrong.
  /// - Throws: `DecisionError.nothingKept` where the pipeline has published nothing.
  public static func run(
    _ database: ConnectionString, pipeline: String, environment: PublishingEnvironment,
    grantTo: String?, patience: LockPatience = LockPatience(), isTried: Bool = false
  ) async throws -> Outcome {
    let connection = try await PostgresConnection.connect(to: database)
    do {
      if isTried {
        guard try await StateSchema.isReadable(connection) else {
          throw DecisionError.nothingKept(
            "\(pipeline) has published nothing: nothing ever ran here")
        }
      } else {
        try await StateSchema.migrate(connection)
      }
      let repair = Repair(connection: connection, grantTo: grantTo, patience: patience)
      let outcome = try await repair.outcome(pipeline, environment.name ?? "", isTried: isTried)
      await connection.close()
      return outcome
    } catch {
      await connection.close()
      throw error
    }
  }

  private func outcome(
    _ pipeline: String, _ environment: String, isTried: Bool
  ) async throws -> Outcome {
    let layouts = try await layouts(pipeline, environment)
    guard !layouts.isEmpty else {
      throw DecisionError.nothingKept(
        "\(pipeline) has published nothing; list its runs with: roost runs --pipeline \(pipeline)")
    }
    var mended: [String] = []
    var left: [PublicationDamage] = []
    for layout in layouts {
      let damage = try await connection.damage(
        of: layout.name, rowsIn: layout.data, role: grantTo)
      if isTried {
        left += damage
        continue
      }
      guard !damage.isEmpty else { continue }
      mended += try await mend(layout, damage)
      left += try await connection.damage(of: layout.name, rowsIn: layout.data, role: grantTo)
    }
    if !isTried { try await RowKeeping.complete(on: connection) }
    return Outcome(mended: mended, left: left)
  }

  /// The tables of a pipeline as the last run loaded them that published something in them.
  private func layouts(_ pipeline: String, _ environment: String) async throws -> [TargetLayout] {
    let rows = try await connection.query(
      """
      SELECT DISTINCT ON (l.target) l.target, l.run_id
      FROM roost.loads l JOIN roost.runs r USING (run_id) JOIN roost.targets USING (target)
      WHERE r.pipeline = $1 AND r.environment = $2 AND l.definition->>'mode' = 'snapshot'
        AND r.state = 'succeeded'
      ORDER BY l.target, l.run_id DESC
      """, [.text(pipeline), .text(environment)])
    var layouts: [TargetLayout] = []
    for row in rows {
      let target = try row.string("target")
      let records = try await LoadRecords.all(of: try row.int("run_id"), on: connection)
      if let record = records.first(where: { $0.layout.target == target }) {
        layouts.append(record.layout)
      }
    }
    return layouts
  }

  /// - Returns: what was done, line by line.
  private func mend(
    _ layout: TargetLayout, _ damage: [PublicationDamage]
  ) async throws -> [String] {
    let (readers, patience) = (Readers(role: grantTo), patience)
    return try await patience.retrying(on: connection) { database in
      try database.execute("SET LOCAL synchronous_commit = on")
      try patience.take(turn: "roost.publish", of: "the turn to publish", on: database)
      var done: [String] = []
      var isBlocked = false
      for one in damage {
        switch one {
        case .noRows:
          try layout.makeData(database)
          done.append("\(layout.data): made anew, without rows")
        case .otherKind: isBlocked = true
        case .otherView(let view):
          done.append(try Self.drop(view, of: layout.target, patience, database))
        case .noView(let view): done.append("\(view): made again")
        case .notGranted(let view, let role): done.append("\(view): \(role) may read it again")
        case .rowsRenamed(_, _, let rows, let found):
          if let line = try Self.giveBack(rows, found, of: layout.target, patience, database) {
            done.append(line)
          }
        case .rowsGone, .rowsChanged: break
        }
      }
      done += try Self.forget(layout, database)
      if !isBlocked {
        try TargetViews(layout: layout, readers: readers, patience: patience).refresh(database)
      }
      return done
    }
  }

  /// Makes way for a view. What it was is said, since nobody else may know.
  private static func drop(
    _ view: QualifiedName, of target: String, _ patience: LockPatience,
    _ database: isolated PostgresConnection
  ) throws -> String {
    let was = try database.query(
      "SELECT pg_get_viewdef(to_regclass($1)) AS definition", [.text(try view.sql)]
    ).first?.optionalString("definition")
    try patience.change(view, of: target, by: "DROP VIEW \(try view.sql)", on: database)
    return "\(view): made again; it was\(was ?? "")"
  }

  /// Gives a table its name back.
  /// - Returns: what was done; nil where something else has the name.
  private static func giveBack(
    _ rows: QualifiedName, _ found: QualifiedName, of target: String, _ patience: LockPatience,
    _ database: isolated PostgresConnection
  ) throws -> String? {
    let taken = try database.query(
      """
      SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2
      """, [.text(rows.schema ?? ""), .text(rows.name)])
    guard taken.isEmpty else { return nil }
    if found.name != rows.name {
      try patience.change(
        found, of: target,
        by: "ALTER TABLE \(try found.sql) RENAME TO \(try SQL.identifier(rows.name))", on: database)
    }
    if found.schema != rows.schema {
      let moved = QualifiedName(schema: found.schema, name: rows.name)
      try patience.change(
        moved, of: target,
        by: "ALTER TABLE \(try moved.sql) SET SCHEMA \(try SQL.identifier(rows.schema ?? ""))",
        on: database)
    }
    return "\(rows): has its name again; it was called \(found)"
  }

  /// Forgets publications without rows; what was shown before them is shown again.
  private static func forget(
    _ layout: TargetLayout, _ database: isolated PostgresConnection
  ) throws -> [String] {
    let target = Parameter.text(layout.target)
    let lost = try database.doubtfulRows(of: [layout.target]).filter { $0.doubt == .gone }
    let ids = Parameter.texts(lost.map { "\($0.publication)" })
    let gone = try database.query(
      """
      SELECT run_id, as_of, superseded_at IS NULL AS is_live FROM roost.publications
      WHERE publication_id = ANY ($1::text[]::bigint[]) ORDER BY run_id
      """, [ids])
    guard !gone.isEmpty else { return [] }
    try database.execute(
      """
      DELETE FROM roost.current_publications
      WHERE target = $1 AND publication_id = ANY ($2::text[]::bigint[])
      """, [target, ids])
    try database.execute(
      "DELETE FROM roost.publications WHERE target = $1 AND publication_id = ANY ($2::text[]::bigint[])",
      [target, ids])
    // Of an as-of whose rows are gone, those that they took the place of count again.
    for row in gone where try row.bool("is_live") {
      try database.execute(
        """
        UPDATE roost.publications SET superseded_at = NULL WHERE publication_id = (
          SELECT max(publication_id) FROM roost.publications WHERE target = $1 AND as_of = $2)
        """, [target, .instant(try row.instant("as_of"))])
    }
    var lines = try gone.map {
      "\(layout.target): run \(try $0.int("run_id")) forgotten, whose rows are gone"
    }
    if lost.contains(where: \.isShown) {
      lines.append(try show(layout, database))
    }
    return lines
  }

  /// Lets `_current` show the latest publication that is left.
  private static func show(
    _ layout: TargetLayout, _ database: isolated PostgresConnection
  ) throws -> String {
    let shown = try database.query(
      """
      INSERT INTO roost.current_publications (target, publication_id)
      SELECT target, publication_id FROM roost.publications
      WHERE target = $1 AND superseded_at IS NULL
      ORDER BY as_of > now(), as_of DESC LIMIT 1
      RETURNING (SELECT run_id FROM roost.publications p
        WHERE p.publication_id = current_publications.publication_id)
      """, [.text(layout.target)])
    guard let run = try shown.first?.int(0) else {
      return "\(layout.current): shows nothing until the next run"
    }
    return "\(layout.current): shows run \(run)"
  }
}
