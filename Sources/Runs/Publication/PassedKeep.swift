import Frames
import PipelineFiles
import PostgresClient
import State

/// A table in which a publication would not stay, because its as-of lies longer than `keep` before the
/// newest one: the next run lets it go.
public struct PassedKeep: Sendable {
  /// As readers find it.
  public let table: String
  public let keep: Span
  /// The as-of of the newest publication.
  public let newest: Instant
  /// Publications of earlier as-ofs do not stay.
  public let earliest: Instant

  /// The tables of a pipeline in which a publication of an as-of would not stay.
  /// - Parameter last: the latest as-of that is to be published beside it.
  /// - Throws: `PostgresError` where the database cannot be reached.
  public static func all(
    _ planned: PlannedPipeline, environment: PublishingEnvironment, asOf: Instant, last: Instant,
    in database: ConnectionString
  ) async throws -> [PassedKeep] {
    let tables = planned.pipeline.stages.flatMap { planned.plan(of: $0)?.tables ?? [] }
    let connection = try await PostgresConnection.connect(to: database)
    var found: [PassedKeep] = []
    do {
      try await StateSchema.migrate(connection)
      for table in tables {
        guard let keep = table.keep else { continue }
        let passed = try await connection.passedKeep(
          of: environment.resolve(table.name), keep, zone: planned.pipeline.zone, asOf: asOf,
          last: last)
        if let passed { found.append(passed) }
      }
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
    return found
  }

  /// `marketing.users keeps 7d, and its newest publication is of 2026-06-30`
  public func text(in zone: CalendarZone) -> String {
    "\(table) keeps \(keep.description), and its newest publication is of \(newest.shortText(in: zone))"
  }
}

extension PostgresConnection {
  /// Nil where a publication of the as-of stays. An as-of still to come does not count as the newest.
  func passedKeep(
    of table: QualifiedName, _ keep: Span, zone: CalendarZone, asOf: Instant, last: Instant
  ) throws -> PassedKeep? {
    let rows = try query(
      "SELECT max(as_of) AS as_of FROM roost.publications WHERE target = $1 AND as_of <= now()",
      [.text(table.description)])
    let newest = max(try rows.first?.optionalInstant("as_of") ?? last, last)
    let earliest = zone.instant(newest, minus: keep)
    guard asOf < earliest else { return nil }
    return PassedKeep(table: table.description, keep: keep, newest: newest, earliest: earliest)
  }
}
