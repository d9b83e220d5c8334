import Catalog
import Frames
import PipelineFiles
import PostgresClient
import Relations
import Runs
import State

/// What a run of a pipeline would do, before it is done.
public struct PlanReport: Sendable {
  public struct StageReport: Sendable {
    public let name: String
    public let kind: String
    public let uses: [String]
    public let steps: [PlannedStep]
    /// What it would take from rows that earlier runs kept, line by line.
    public let reuse: [String]
    /// Rows that Postgres expects a SELECT to give; nil for a stage that sends none.
    public let expectedRows: Int?
    /// What becomes of each table that it publishes.
    public let tables: [TableReport]
  }

  /// What becomes of a published table.
  public struct TableReport: Sendable {
    public let name: String
    public let columns: Int
    /// The as-of that `_current` shows today; nil where nothing was published yet.
    public let current: Instant?
    /// Whether a table that is no snapshot is there; nil for a snapshot.
    public var isStanding: Bool?
  }

  public let pipeline: String
  public let asOf: Instant
  public let zone: CalendarZone
  /// In the order in which they run.
  public let stages: [StageReport]
  /// How many checkpoints there are of a run that ended early, where nobody asked to use them.
  let resumable: Int?

  /// Asks Postgres for estimates and for what is published; executes nothing.
  /// - Throws: `PostgresError`.
  public init(_ request: RunRequest) async throws {
    let planned = request.planned
    let environment = request.environment
    let stateFolder = request.stateFolder
    pipeline = planned.pipeline.name
    asOf = planned.asOf
    zone = planned.pipeline.zone
    var sources: [String: PostgresConnection] = [:]
    let state = try await PostgresConnection.connect(
      to: request.state, options: .checking())
    let published = try await Self.published(state)
    let known = try await KnownRuns(
      of: planned.pipeline.name, environment: environment.name ?? "", asOf: planned.asOf, on: state)
    let resume = request.mayReuse ? request.resumePlan(known) : nil
    var stages: [StageReport] = []
    for stage in planned.pipeline.stages {
      guard let plan = planned.plan(of: stage) else { continue }
      var expected: Int?
      if let statement = plan.reading?.statement {
        guard let database = request.connections[statement.connection] else { continue }
        let source: PostgresConnection
        if let open = sources[statement.connection] {
          source = open
        } else {
          source = try await PostgresConnection.connect(to: database, options: .checking())
          sources[statement.connection] = source
        }
        expected = (expected ?? 0) + (try await Self.expectedRows(statement.sql, source))
      }
      let created = try await Self.created(plan.atPublication?.creates ?? [], state)
      stages.append(
        StageReport(
          name: stage.name.text, kind: stage.kindName, uses: stage.dependencies,
          steps: plan.steps,
          reuse: (stateFolder.flatMap { (plan.work as? any ReusesRows)?.reuse(of: $0) } ?? [])
            + (resume?.line(of: stage.name.text).map { [$0] } ?? []), expectedRows: expected,
          tables: plan.tables.map(\.name).map { target in
            let name = environment.resolve(target).description
            let table = plan.tables.first { $0.name == target }
            // What stands was asked when the pipeline was checked.
            return TableReport(
              name: name, columns: table?.publishedFields.count ?? 0, current: published[name],
              isStanding: table?.mode.isRoosts == false ? true : nil)
          } + created))
    }
    for connection in sources.values { await connection.close() }
    await state.close()
    self.stages = stages
    resumable = request.mayReuse ? nil : request.checkpointCount(known)
  }

  /// The planner's own estimate: nothing is executed.
  private static func expectedRows(
    _ sql: String, _ connection: PostgresConnection
  ) async throws -> Int {
    let rows = try await connection.patiently {
      try await connection.transaction(readOnly: true) {
        try $0.query(overRows: "EXPLAIN (FORMAT JSON) \(sql)")
      }
    }
    guard let text = try rows.first?.string(0), case .array(let plans)? = JSONValue(parsing: text),
      let estimate = plans.first?["Plan"]?["Plan Rows"]?.double
    else { return 0 }
    return Int(estimate)
  }

  private static func created(
    _ tables: [CreatedTable], _ state: PostgresConnection
  ) async throws -> [TableReport] {
    var reports: [TableReport] = []
    for table in tables {
      let rows = try await state.query(
        "SELECT to_regclass($1) IS NOT NULL AS is_there", [.text(try table.name.sql)])
      reports.append(
        TableReport(
          name: table.name.description, columns: table.fields.count, current: nil,
          isStanding: try rows.first?.bool("is_there")))
    }
    return reports
  }

  private static func published(
    _ state: PostgresConnection
  ) async throws -> [String: Instant] {
    let known = try await state.query(
      "SELECT to_regclass('roost.current_publications') IS NOT NULL AS known")
    guard try known.first?.bool("known") == true else { return [:] }
    let rows = try await state.transaction(readOnly: true) {
      try $0.query(
        """
        SELECT c.target, p.as_of FROM roost.current_publications c
        JOIN roost.publications p USING (publication_id)
        """)
    }
    var published: [String: Instant] = [:]
    for row in rows { published[try row.string("target")] = try row.instant("as_of") }
    return published
  }

  /// Lines for a person.
  public var lines: [String] {
    var lines = ["\(pipeline) as of \(asOf.shortText(in: zone)) (\(zone.name))"]
    for (place, stage) in stages.enumerated() {
      let uses = stage.uses.isEmpty ? "" : " ← \(stage.uses.joined(separator: ", "))"
      let rows = stage.expectedRows.map { ", about \($0) rows" } ?? ""
      lines += ["", "\(place + 1). \(stage.name) (\(stage.kind))\(uses)\(rows)"]
      for step in stage.steps {
        let mark = step.isAsOf.map { $0 ? "  [as-of]" : "  [row]" } ?? ""
        lines.append("   \(step.text)\(mark)")
      }
      lines += stage.reuse.map { "   \($0)" }
      for table in stage.tables {
        if let isStanding = table.isStanding {
          lines.append("   \(table.name) \(isStanding ? "is there" : "is made")")
          continue
        }
        let now = table.current.map { "now shows \($0.shortText(in: zone))" } ?? "is new"
        let moves =
          table.current.map { $0 <= asOf } ?? true
          ? "" : ", which stays: it is newer than this run"
        lines.append("   \(table.name)_current \(now)\(moves)")
      }
    }
    if let resumable, resumable > 0 {
      lines += [
        "",
        "\(resumable) stages of a run for this as-of have checkpoints; see what --resume would reuse of them.",
      ]
    } else if stages.allSatisfy(\.reuse.isEmpty) {
      lines += ["", "Nothing is reused: every run reads its sources anew."]
    }
    return lines
  }

  public var json: JSONValue {
    .object([
      "pipeline": .string(pipeline), "as_of": .string(asOf.rfc3339),
      "stages": .array(
        stages.map { stage in
          .object([
            "stage": .string(stage.name), "kind": .string(stage.kind),
            "uses": .array(stage.uses.map { .string($0) }),
            "expected_rows": stage.expectedRows.map { .integer($0) } ?? .null,
            "steps": .array(
              stage.steps.map { step in
                .object([
                  "step": .string(step.text),
                  "looks_at": step.isAsOf.map { .string($0 ? "as-of" : "row") } ?? .null,
                ])
              }),
            "reuse": .array(stage.reuse.map { .string($0) }),
            "tables": .array(
              stage.tables.map { table in
                .object([
                  "table": .string(table.name), "columns": .integer(table.columns),
                  "current_as_of": table.current.map { .string($0.rfc3339) } ?? .null,
                  "is_standing": table.isStanding.map { .bool($0) } ?? .null,
                ])
              }),
          ])
        }),
    ])
  }
}
