import Frames
import PipelineFiles
import PostgresClient
import State

/// Asks the state database why a pipeline ran or did not.
public struct WhyInquiry: Sendable {
  /// Rows that differ by more than this from what is usual, either way, are worth a word.
  private static let rowsFactor = 1.3
  /// The same of the time a stage takes; and what takes less than a second is not looked at.
  private static let timeFactor = 2.0
  /// Less of a difference is the machine's.
  private static let secondsThatCount = 5.0

  /// Runs whose process is gone, although their rows may not say so.
  private static let lost = "$3::text[]::int8[]"

  private let state: StateDatabase
  private let environment: String

  public init(_ state: StateDatabase, environment: String) {
    self.state = state
    self.environment = environment
  }

  /// The names of all pipelines that ever ran or were looked at.
  public func pipelines() async throws -> [String] {
    try await state.connection.query(
      """
      SELECT DISTINCT pipeline FROM (SELECT pipeline FROM roost.runs
        UNION ALL SELECT pipeline FROM roost.schedules) p ORDER BY 1
      """
    ).map { try $0.string("pipeline") }
  }

  /// What the schedule of a file that can be read says, without asking anybody.
  public static func schedule(of pipeline: Pipeline, _ facts: inout WhyFacts) {
    guard let schedule = pipeline.settings.schedule else { return }
    facts.hasSchedule = true
    facts.lastDue = nil
    facts.nextDue = schedule.cron.tick(after: facts.now, in: pipeline.zone)?.instant
    // A line that is due every minute is not followed for years; one of 29 February is.
    for days: Int64 in [2, 40, 3000] where facts.lastDue == nil {
      let start = Instant(microseconds: facts.now.microseconds - days * Instant.microsecondsPerDay)
      facts.lastDue = pipeline.ticks(after: start, through: facts.now, last: 1).ticks.last
    }
  }

  /// What the state database knows.
  public func ask(_ facts: inout WhyFacts) async throws {
    let key: [Parameter] = [.text(facts.pipeline), .text(environment)]
    let lost = try await state.lost()
    facts.mayMakeRuns =
      try await state.connection.query(
        """
        SELECT has_table_privilege('roost.runs', 'UPDATE') AND NOT pg_is_in_recovery() AS may_make
        """
      ).first?.bool("may_make") ?? false
    let seen = try await state.connection.query(
      "SELECT looked_at FROM roost.schedules WHERE pipeline = $1 AND environment = $2", key)
    facts.lookedAt = try seen.first?.instant("looked_at")
    facts.tick = try await TickLedger(state)
      .latest(1, of: facts.pipeline, environment: environment).first
    facts.running = try await run(
      key, "x.state = 'running' AND x.run_id <> ALL (\(Self.lost))", lost)
    facts.latest = try await run(
      key, "(x.state <> 'running' OR x.run_id = ANY (\(Self.lost)))", lost)
    facts.changes = try await changes(key)
  }

  /// The run of the latest as-of: a backfill says nothing of tonight. An as-of that is still to come
  /// counts only where there is no other.
  private func run(
    _ key: [Parameter], _ condition: String, _ lost: [Int]
  ) async throws -> WhyFacts.Run? {
    let latest = LatestRun.sql(
      pipeline: "$1", environment: "$2", where: "x.selection IS NULL AND \(condition)")
    return try await state.connection.query(
      """
      SELECT run_id, as_of, state, started_at, finished_at, error, publishes, attempt,
        ARRAY(SELECT stage FROM roost.stages s WHERE s.run_id = r.run_id
          AND s.state IN ('running', 'retrying') ORDER BY position)::text AS underway
      FROM roost.runs r WHERE run_id = \(latest)
      """, key + [.texts(lost.map(String.init))]
    ).first.map { row in
      let run = try row.int("run_id")
      return WhyFacts.Run(
        id: run, asOf: try row.instant("as_of"),
        state: lost.contains(run)
          ? .lost : RunState(rawValue: try row.string("state")) ?? .failed,
        startedAt: try row.instant("started_at"),
        finishedAt: try row.optionalInstant("finished_at"),
        error: try row.optionalString("error"), publishes: try row.bool("publishes"),
        attempt: try row.int("attempt"),
        // Names of stages need no quotes.
        underway: try row.string("underway").dropFirst().dropLast().split(separator: ",")
          .map(String.init))
    }
  }

  /// The latest good run beside the median of up to seven before it.
  private func changes(_ key: [Parameter]) async throws -> [WhyFacts.Change] {
    func good(_ time: String) -> String {
      """
      (SELECT run_id, as_of FROM roost.runs
        WHERE pipeline = $1 AND environment = $2 AND state = 'succeeded' AND selection IS NULL
          AND as_of \(time) now() ORDER BY as_of DESC, run_id DESC LIMIT 8)
      """
    }
    let rows = try await state.connection.query(
      """
      WITH good AS (
        SELECT run_id, row_number() OVER (ORDER BY as_of > now(), as_of DESC, run_id DESC) AS place
        FROM (\(good("<=")) UNION ALL \(good(">"))) r ORDER BY place LIMIT 8),
      stages AS (
        SELECT g.place, s.*, extract(epoch FROM s.finished_at - s.started_at)::float8 AS seconds
        FROM good g JOIN roost.stages s USING (run_id) WHERE NOT s.is_reused)
      SELECT t.stage, t.rows, t.seconds, t.definition,
        count(p.stage) AS known,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY p.rows) AS usual_rows,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY p.seconds) AS usual_seconds,
        (SELECT b.definition FROM stages b WHERE b.stage = t.stage AND b.place > 1
          ORDER BY b.place LIMIT 1) AS before,
        (SELECT count(*) FROM good) AS runs
      FROM stages t LEFT JOIN stages p ON p.stage = t.stage AND p.place > 1
      WHERE t.place = 1
      GROUP BY t.stage, t.rows, t.seconds, t.definition, t.position ORDER BY t.position
      """, key)
    var changes: [WhyFacts.Change] = []
    for row in rows where try row.int("runs") > 1 {
      let stage = try row.string("stage")
      func add(_ kind: WhyFacts.Change.Kind) { changes.append(.init(stage: stage, kind: kind)) }
      guard try row.int("known") > 0 else {
        add(.isNew)
        continue
      }
      if let now = try row.optionalInt("rows"), let usual = try row.optionalDouble("usual_rows"),
        Self.differs(Double(now), usual, by: Self.rowsFactor)
      {
        add(.rows(now: now, usual: Int(usual)))
      }
      if let now = try row.optionalDouble("seconds"),
        let usual = try row.optionalDouble("usual_seconds"),
        abs(now - usual) >= Self.secondsThatCount, Self.differs(now, usual, by: Self.timeFactor)
      {
        add(.seconds(now: now, usual: usual))
      }
      if let before = try row.optionalString("before"),
        let definition = try row.optionalString("definition"), before != definition
      {
        add(.definition)
      }
    }
    return changes
  }

  private static func differs(_ now: Double, _ usual: Double, by factor: Double) -> Bool {
    now > usual * factor || usual > now * factor
  }
}
