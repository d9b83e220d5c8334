import Frames
import PipelineFiles
import PostgresClient

/// Removes rows that no pointer shows any more, without a lock that a reader would wait for.
struct Housekeeping: Sendable {
  let connection: PostgresConnection

  /// Drops what a run loaded and did not publish.
  func discard(_ layouts: [TargetLayout], run: Int) async throws {
    for layout in layouts { try await drop(layout.partition(run: run), from: layout.data) }
  }

  /// Forgets publications whose as-of lies longer than `keep` before the newest one, except the
  /// current one, and drops their rows.
  func prune(_ layout: TargetLayout, keep: Span, zone: CalendarZone) async throws {
    let newest = try await connection.query(
      "SELECT max(as_of) AS as_of FROM roost.publications WHERE target = $1",
      [.text(layout.target)])
    guard let instant = try newest.first?.optionalInstant("as_of") else { return }
    let old = try await connection.query(
      """
      DELETE FROM roost.publications p WHERE target = $1 AND as_of < $2
        AND NOT EXISTS (SELECT FROM roost.current_publications c
          WHERE c.publication_id = p.publication_id)
      RETURNING run_id
      """, [.text(layout.target), .instant(zone.instant(instant, minus: keep))])
    for row in old {
      try await drop(layout.partition(run: try row.int("run_id")), from: layout.data)
    }
  }

  private func drop(_ partition: QualifiedName, from data: QualifiedName) async throws {
    let attached = try await connection.query(
      """
      SELECT inhparent IS NOT NULL AS attached FROM pg_class c
      LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.oid = to_regclass($1)
      """, [.text(try partition.sql)])
    guard let row = attached.first else { return }
    if try row.bool("attached") {
      // Lets readers of the parent go on; a plain DROP would make them wait.
      try await connection.execute(
        "ALTER TABLE \(try data.sql) DETACH PARTITION \(try partition.sql) CONCURRENTLY")
    }
    try await connection.execute("DROP TABLE IF EXISTS \(try partition.sql)")
  }
}
