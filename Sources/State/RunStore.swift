import Frames
import PipelineFiles
import PostgresClient

/// Asks schema `roost` about runs. Needs no right to write: runs whose process is gone are told as lost, and
/// settled by whoever makes runs.
public struct RunStore: Sendable {
  private let connection: PostgresConnection
  /// Whether anything ever ran here.
  private let isThere: Bool

  /// Connects.
  /// - Throws: `StateError.newer`, `StateError.older`, `PostgresError`.
  public static func open(_ database: ConnectionString) async throws -> RunStore {
    let connection = try await PostgresConnection.connect(to: database)
    do {
      return RunStore(
        connection: connection, isThere: try await StateSchema.isReadable(connection))
    } catch {
      await connection.close()
      throw error
    }
  }

  public func close() async { await connection.close() }

  /// Asks for something else that is kept about runs.
  package func query(_ sql: String, _ parameters: [Parameter] = []) async throws -> [Row] {
    isThere ? try await connection.query(sql, parameters) : []
  }

  /// Runs whose process is gone and whose rows do not say so yet.
  package func lost() async throws -> [Int] {
    isThere ? try await RunLock.lost(on: connection) : []
  }

  /// The latest runs, newest first.
  public func runs(limit: Int, pipeline: String? = nil) async throws -> [RunRecord] {
    let lost = try await lost()
    return try await query(
      """
      SELECT \(RunRecord.columns) FROM roost.runs
      WHERE $2::text IS NULL OR pipeline = $2 ORDER BY run_id DESC LIMIT $1
      """, [Parameter(limit), Parameter(pipeline)]
    ).map { try RunRecord($0, lost: lost) }
  }

  /// What persons decided about what a run loaded, the earliest first.
  public func decisions(about run: Int) async throws -> [Decision] {
    isThere ? try await Decision.about(run, on: connection) : []
  }

  /// A run that can be resumed: the latest whole one for its as-of, ended early.
  /// - Throws: `RunError.noRun`, `RunError.notResumable`, `RunError.superseded`.
  public func resumable(_ id: Int) async throws -> RunRecord {
    let run = try await run(id).0
    guard RunTransition.resume.sources.contains(run.state), run.selection == nil else {
      throw RunError.notResumable(id, run.state)
    }
    let later = try await connection.query(
      """
      SELECT max(run_id) AS run_id FROM roost.runs WHERE pipeline = $1 AND environment = $2
        AND as_of = $3 AND selection IS NULL
      """, [.text(run.pipeline), .text(run.environment), .instant(run.asOf)])
    if let latest = try later.first?.optionalInt("run_id"), latest != id {
      throw RunError.superseded(id, by: latest)
    }
    return run
  }

  /// A run with its stages, in the order of their making, and what it published.
  public func run(_ id: Int) async throws -> (RunRecord, [StageRecord], [PublicationRecord]) {
    let lost = try await lost()
    let rows = try await query(
      "SELECT \(RunRecord.columns) FROM roost.runs WHERE run_id = $1", [Parameter(id)])
    guard let row = rows.first else { throw RunError.noRun(id) }
    let stages = try await connection.query(
      "SELECT \(StageRecord.columns) FROM roost.stages WHERE run_id = $1 ORDER BY position",
      [Parameter(id)])
    let publications = try await connection.query(
      """
      SELECT p.target, p.rows, c.publication_id = p.publication_id AS is_current,
        shown.as_of AS current_as_of
      FROM roost.publications p
      JOIN roost.current_publications c USING (target)
      JOIN roost.publications shown ON shown.publication_id = c.publication_id
      WHERE p.run_id = $1 ORDER BY p.target
      """, [Parameter(id)])
    return (
      try RunRecord(row, lost: lost),
      try stages.map { try StageRecord($0, isOver: lost.contains(id)) },
      try publications.map {
        PublicationRecord(
          target: try $0.string("target"), rows: try $0.int("rows"),
          isCurrent: try $0.bool("is_current"),
          currentAsOf: try $0.instant("current_as_of"))
      }
    )
  }
}
