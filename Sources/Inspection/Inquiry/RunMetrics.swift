import Frames
import PipelineFiles
import PostgresClient
import State

/// What a monitoring system wants to know of all pipelines, in the text format of Prometheus
/// (prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4).
public struct RunMetrics: Sendable {
  /// One figure with its labels.
  private struct Sample {
    let labels: [(String, String)]
    let value: Double
  }

  private var families: [(name: String, type: String, help: String, samples: [Sample])] = []

  /// Asks the state database.
  /// - Throws: `PostgresError`.
  public init(_ store: RunStore) async throws {
    let lost = Parameter.texts(try await store.lost().map(String.init))
    try await addLatest(store, lost)
    try await addCounts(store, lost)
    try await addHeld(store)
    try await addPublications(store)
  }

  /// The metrics as they are scraped.
  public var text: String {
    families.map { family in
      "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.type)\n"
        + family.samples.map { sample in
          let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1))\"" }
            .joined(separator: ",")
          return "\(family.name){\(labels)} \(Self.number(sample.value))\n"
        }.joined()
    }.joined()
  }

  private mutating func add(
    _ name: String, _ type: String, _ help: String, _ samples: [Sample]
  ) {
    if !samples.isEmpty { families.append((name, type, help, samples)) }
  }

  /// The latest run of a row of `pipelines` that a condition on `x` picks.
  private static func latest(_ condition: String, of row: String = "p") -> String {
    LatestRun.sql(
      pipeline: "\(row).pipeline", environment: "\(row).environment", where: condition)
  }

  /// A run's state; lost where its process is gone, whatever its row says.
  private static func state(_ row: String) -> String {
    "CASE WHEN \(row).run_id = ANY ($1::text[]::int8[]) THEN 'lost' ELSE \(row).state END"
  }

  private mutating func addLatest(_ store: RunStore, _ lost: Parameter) async throws {
    let rows = try await store.query(
      """
      WITH RECURSIVE \(LatestRun.pipelines)
      SELECT p.pipeline, p.environment, \(Self.state("r")) AS state,
        extract(epoch FROM r.started_at)::float8 AS began,
        -- A state that an older roost made knows of no attempts.
        CASE WHEN \(Self.state("r")) <> 'lost' THEN extract(epoch FROM
          coalesce((to_jsonb(r)->>'worked')::interval, '0')
          + coalesce(r.finished_at, now())
          - coalesce((to_jsonb(r)->>'attempt_began_at')::timestamptz, r.started_at)
        )::float8 END AS seconds,
        extract(epoch FROM r.as_of)::float8 AS as_of,
        extract(epoch FROM s.finished_at)::float8 AS succeeded
      FROM pipelines p
      -- One run each: without LIMIT the planner would rather look at all.
      CROSS JOIN LATERAL (SELECT * FROM roost.runs
        WHERE run_id = \(Self.latest("x.selection IS NULL")) LIMIT 1) r
      LEFT JOIN LATERAL (SELECT finished_at FROM roost.runs
        WHERE run_id = \(Self.latest("x.state = 'succeeded' AND x.publishes")) LIMIT 1) s ON true
      ORDER BY p.pipeline, p.environment
      """, [lost])
    func samples(_ column: RowKey) throws -> [Sample] {
      try rows.compactMap { row in
        try row.optionalDouble(column).map { Sample(labels: try Self.labels(row), value: $0) }
      }
    }
    var states: [Sample] = []
    for row in rows {
      let found = try row.string("state")
      for state in RunState.allCases {
        states.append(
          Sample(
            labels: try Self.labels(row) + [("state", state.rawValue)],
            value: state.rawValue == found ? 1 : 0))
      }
    }
    add("roost_run_state", "gauge", "Whether the run of the latest as-of is in the state.", states)
    add(
      "roost_run_started_timestamp_seconds", "gauge", "When that run began.",
      try samples("began"))
    add(
      "roost_run_duration_seconds", "gauge",
      "How long that run was worked at, so far or until it ended.",
      try samples("seconds"))
    add(
      "roost_run_as_of_timestamp_seconds", "gauge", "The as-of of that run.",
      try samples("as_of"))
    add(
      "roost_last_success_timestamp_seconds", "gauge",
      "When the newest as-of was published; alert on its age.", try samples("succeeded"))
    try await addStages(store)
  }

  private mutating func addStages(_ store: RunStore) async throws {
    let rows = try await store.query(
      """
      WITH RECURSIVE \(LatestRun.pipelines)
      SELECT r.pipeline, r.environment, s.stage, s.rows::float8 AS rows,
        extract(epoch FROM s.finished_at - s.started_at)::float8 AS seconds
      FROM pipelines r
      CROSS JOIN LATERAL (SELECT * FROM roost.stages
        WHERE run_id = \(Self.latest("x.state = 'succeeded' AND x.selection IS NULL", of: "r"))
        OFFSET 0) s
      ORDER BY r.pipeline, r.environment, s.position
      """)
    func samples(_ column: RowKey) throws -> [Sample] {
      try rows.compactMap { row in
        let labels = try Self.labels(row) + [("stage", try row.string("stage"))]
        return try row.optionalDouble(column).map { Sample(labels: labels, value: $0) }
      }
    }
    add(
      "roost_stage_duration_seconds", "gauge", "How long a stage of the latest good run took.",
      try samples("seconds"))
    add(
      "roost_stage_rows", "gauge", "Rows that a stage of the latest good run made.",
      try samples("rows"))
  }

  private mutating func addCounts(_ store: RunStore, _ lost: Parameter) async throws {
    let rows = try await store.query(
      """
      SELECT pipeline, environment, \(Self.state("runs")) AS state, count(*)::float8 AS count
      FROM roost.runs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      """, [lost])
    add(
      "roost_runs", "gauge", "Runs that are kept, by state.",
      try rows.map { row in
        Sample(
          labels: try Self.labels(row) + [("state", try row.string("state"))],
          value: try row.double("count"))
      })
  }

  private mutating func addHeld(_ store: RunStore) async throws {
    let rows = try await store.query(
      """
      SELECT pipeline, environment,
        greatest(extract(epoch FROM now() - min(finished_at)), 0)::float8 AS seconds
      FROM roost.runs WHERE state = 'held' GROUP BY 1, 2 ORDER BY 1, 2
      """)
    add(
      "roost_held_seconds", "gauge", "For how long the oldest held run has waited for a person.",
      try rows.map { Sample(labels: try Self.labels($0), value: try $0.double("seconds")) })
  }

  private mutating func addPublications(_ store: RunStore) async throws {
    let rows = try await store.query(
      """
      SELECT t.pipeline, p.target, p.rows::float8 AS rows,
        extract(epoch FROM p.as_of)::float8 AS as_of
      FROM roost.current_publications c JOIN roost.publications p USING (publication_id)
      JOIN roost.targets t ON t.target = p.target ORDER BY p.target
      """)
    func samples(_ column: RowKey) throws -> [Sample] {
      try rows.map { row in
        Sample(
          labels: [
            ("pipeline", try row.string("pipeline")), ("table", try row.string("target")),
          ], value: try row.double(column))
      }
    }
    add("roost_published_rows", "gauge", "Rows that a table shows.", try samples("rows"))
    add(
      "roost_published_as_of_timestamp_seconds", "gauge", "The as-of that a table shows.",
      try samples("as_of"))
  }

  private static func labels(_ row: Row) throws -> [(String, String)] {
    [
      ("pipeline", try row.string("pipeline")), ("environment", try row.string("environment")),
    ]
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
