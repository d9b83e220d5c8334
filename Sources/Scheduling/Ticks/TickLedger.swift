import Frames
import PipelineFiles
import PostgresClient
import State

/// A pipeline whose schedule is kept, in one environment.
public struct Scheduled: Sendable {
  public let pipeline: Pipeline
  /// Empty for the project's own schemas.
  public let environment: String
  /// Of what people are told.
  public let told: Set<AlertKind>

  public init(_ pipeline: Pipeline, environment: String, told: Set<AlertKind>) {
    self.pipeline = pipeline
    self.environment = environment
    self.told = told
  }

  var key: [Parameter] { [.text(pipeline.name), .text(environment)] }
}

/// The ticks in schema `roost`. Several schedulers may use it at once.
public struct TickLedger: Sendable {
  /// Times that are counted one by one after a long absence.
  static let longestList = 1000

  let state: StateDatabase

  public init(_ state: StateDatabase) { self.state = state }

  /// Writes down what has come due since the last look, and what becomes of it.
  /// - Returns: the rows that are new.
  @discardableResult
  public func look(_ scheduled: Scheduled, now: Instant) async throws -> TickDecision {
    guard let schedule = scheduled.pipeline.settings.schedule else { return TickDecision() }
    let pipeline = scheduled.pipeline
    let rules = TickRules(schedule, zone: pipeline.zone)
    return try await state.connection.transaction { database in
      guard var seen = try Self.lock(scheduled, now, database) else { return TickDecision() }
      let lookedAhead = try Self.setBack(&seen, scheduled, now, database)
      let (due, leftOut) = pipeline.ticks(
        after: seen.consideredUntil, through: now, last: Self.longestList)
      var decision = TickDecision()
      if !due.isEmpty {
        let known = try Self.known(due, scheduled, database)
        decision = rules.decide(
          due: due.filter { !known.contains($0.asOf) }, leftOut: leftOut,
          open: try Self.open(scheduled, database), lookedAt: seen.lookedAt, now: now)
        try Self.write(decision, scheduled, database)
      }
      if !due.isEmpty || now.microseconds - seen.lookedAt.microseconds >= 60_000_000 {
        try database.execute(
          """
          UPDATE roost.schedules SET looked_at = $3, considered_until = greatest(considered_until, $3)
          WHERE pipeline = $1 AND environment = $2
          """, scheduled.key + [.instant(now)])
      }
      decision.lookedAhead = lookedAhead
      return decision
    }
  }

  private struct Seen {
    var consideredUntil: Instant
    var lookedAt: Instant
  }

  /// Takes back what a look noted while the clock was ahead: times that are still to come would never
  /// be looked at. A run that was made for one of them is made again when it is due.
  /// - Returns: until when that look went; nil where there was none.
  private static func setBack(
    _ seen: inout Seen, _ scheduled: Scheduled, _ now: Instant,
    _ database: isolated PostgresConnection
  ) throws -> Instant? {
    let latest = max(seen.consideredUntil, seen.lookedAt)
    guard latest > now.adding(TickRules.grace) else { return nil }
    try database.execute(
      "DELETE FROM roost.ticks WHERE pipeline = $1 AND environment = $2 AND due_at > $3",
      scheduled.key + [.instant(now)])
    try database.execute(
      """
      UPDATE roost.schedules SET considered_until = least(considered_until, $3), looked_at = $3
      WHERE pipeline = $1 AND environment = $2
      """, scheduled.key + [.instant(now)])
    seen = Seen(consideredUntil: min(seen.consideredUntil, now), lookedAt: now)
    return latest
  }

  /// Locks the row of the schedule, which is made when it is first seen. A schedule that has changed
  /// begins anew.
  private static func lock(
    _ scheduled: Scheduled, _ now: Instant, _ database: isolated PostgresConnection
  ) throws -> Seen? {
    let pipeline = scheduled.pipeline
    let current: [Parameter] = [
      .text(pipeline.file.name), .text(pipeline.file.text), .text(pipeline.scheduleDefinition),
    ]
    func row() throws -> Row? {
      try database.query(
        """
        SELECT considered_until, looked_at, definition = $5 AS is_same,
          (file, source) = ($3, $4) AS is_same_file
        FROM roost.schedules WHERE pipeline = $1 AND environment = $2 FOR UPDATE
        """, scheduled.key + current
      ).first
    }
    var found = try row()
    if found == nil {
      try database.execute(
        """
        INSERT INTO roost.schedules
          (pipeline, environment, file, source, definition, considered_until, looked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING
        """, scheduled.key + current + [.instant(now)])
      found = try row()
    }
    guard let found else { return nil }
    let isSame = try found.bool("is_same")
    let until = try found.instant("considered_until")
    let isSameFile = try found.bool("is_same_file")
    if !isSame || !isSameFile {
      try database.execute(
        """
        UPDATE roost.schedules SET file = $3, source = $4, definition = $5,
          considered_until = CASE WHEN definition = $5 THEN considered_until
            ELSE greatest(considered_until, $6) END
        WHERE pipeline = $1 AND environment = $2
        """, scheduled.key + current + [.instant(now)])
    }
    return Seen(
      consideredUntil: isSame ? until : max(until, now), lookedAt: try found.instant("looked_at"))
  }

  private static func known(
    _ due: [Tick], _ scheduled: Scheduled, _ database: isolated PostgresConnection
  ) throws -> Set<Instant> {
    guard let first = due.first, let last = due.last else { return [] }
    return Set(
      try database.query(
        """
        SELECT as_of FROM roost.ticks
        WHERE pipeline = $1 AND environment = $2 AND as_of BETWEEN $3 AND $4
        """, scheduled.key + [.instant(first.asOf), .instant(last.asOf)]
      ).map { try $0.instant("as_of") })
  }

  private static func write(
    _ decision: TickDecision, _ scheduled: Scheduled, _ database: isolated PostgresConnection
  ) throws {
    let zone = scheduled.pipeline.zone
    for entry in decision.entries {
      try database.execute(
        """
        INSERT INTO roost.ticks
          (pipeline, environment, as_of, zone, due_at, finish_by, state, origin, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
        """,
        scheduled.key + [
          .instant(entry.tick.asOf), .text(zone.name), .instant(entry.tick.dueAt),
          Parameter(entry.tick.finishBy), .text(entry.isSkipped ? "skipped" : "waiting"),
          .text(entry.origin.rawValue), Parameter(entry.reason),
        ])
    }
    for (asOf, reason) in decision.overtaken.sorted(by: { $0.key < $1.key }) {
      try skip(asOf, reason, scheduled, database)
    }
    // One word for all that one absence has cost.
    let skipped = decision.entries.filter(\.isSkipped)
    if let last = skipped.last {
      let more = skipped.count > 1 ? "\(skipped.count) runs were left out, this one the last: " : ""
      try AlertOutbox.insert(
        .notStarted(last.tick.asOf, more + (last.reason ?? ""), scheduled), to: scheduled.told,
        database)
    }
  }

  static func skip(
    _ asOf: Instant, _ reason: String, _ scheduled: Scheduled,
    _ database: isolated PostgresConnection
  ) throws {
    try database.execute(
      """
      UPDATE roost.ticks SET state = 'skipped', reason = $4
      WHERE pipeline = $1 AND environment = $2 AND as_of = $3 AND state <> 'skipped'
      """, scheduled.key + [.instant(asOf), .text(reason)])
    try AlertOutbox.insert(
      .notStarted(asOf, reason, scheduled), to: scheduled.told, database)
  }
}

extension NewAlert {
  /// A run that was due and is not made, or not yet.
  static func notStarted(_ asOf: Instant, _ why: String, _ scheduled: Scheduled) -> NewAlert {
    let place = scheduled.environment.isEmpty ? "" : "/\(scheduled.environment)"
    var alert = NewAlert(
      .notStarted,
      subject: "\(scheduled.pipeline.name)\(place) for \(asOf.sqlText) did not start",
      message: why)
    alert.pipeline = scheduled.pipeline.name
    alert.environment = scheduled.environment
    alert.asOf = asOf
    alert.zone = scheduled.pipeline.zone
    return alert
  }
}
