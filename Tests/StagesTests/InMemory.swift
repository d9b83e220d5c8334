import Diagnostics
import Frames

@testable import PipelineFiles
@testable import PostgresClient
@testable import Relations
@testable import Stages

/// Tables by name, each with its columns and rows, in place of a database.
typealias Tables = [String: Frame]

let project = SourceFile(
  name: "roost.yaml",
  text: """
    roost: 1
    timezone: UTC
    connections: { shop: "${SHOP}", warehouse: "${WAREHOUSE}" }
    state: warehouse
    holdout_key: ${HOLDOUT_KEY}
    """)

/// Reads and plans the stages of a pipeline whose extracts read tables that are given.
/// - Parameter stages: the text below `stages:`, not indented.
func plan(
  _ stages: String, _ tables: Tables, asOf: Instant, zone: String = "UTC", _ report: Report,
  environment: [String: String] = ["HOLDOUT_KEY": "key"]
) -> PlannedPipeline? {
  let lines = stages.split(separator: "\n", omittingEmptySubsequences: false)
  let text =
    "pipeline: test\ntimezone: \(zone)\nstages:\n" + lines.map { "  \($0)\n" }.joined()
  let reader = PipelineReader(registry: .builtIn, environment: environment, report: report)
  guard let project = reader.project(project),
    let pipeline = reader.pipeline(SourceFile(name: "test.yaml", text: text), in: project)
  else { return nil }
  let planner = Planner(
    pipeline, in: project, asOf: asOf, engine: StageRegistry.builtIn.engine,
    environment: environment, publishing: .standard, report: report)
  var facts = CatalogFacts(isOffline: false)
  for question in planner.questions() {
    guard case .columns(let select, _, _, _) = question else {
      facts.add(.target(.usable), to: question)
      continue
    }
    if let table = tables.first(where: { select == selectAll(from: $0.key) })?.value {
      facts.add(
        .columns(StatementDescription(fields: table.schema.fields)),
        to: question)
    } else {
      facts.add(.refused(PostgresError(.statement, "there is no such table")), to: question)
    }
  }
  return planner.plan(facts)
}

/// What `extract: { table: shop.NAME }` sends.
private func selectAll(from table: String) -> String { "SELECT * FROM \"shop\".\"\(table)\"" }

/// The messages of a pipeline that is planned over tables.
func messages(_ stages: String, _ tables: Tables) -> [String] {
  let report = Report()
  _ = plan(stages, tables, asOf: day(2026, 6, 1), report)
  return report.sorted.map { "\($0.severity.rawValue): \($0.message)" }
}

/// Runs the stages of a pipeline one after the other over tables in memory.
func run(
  _ stages: String, _ tables: Tables, asOf: Instant = day(2026, 6, 1), zone: String = "UTC"
) async throws -> Outcome {
  let report = Report()
  guard let planned = plan(stages, tables, asOf: asOf, zone: zone, report) else {
    throw Refused(messages: TextRenderer().render(report.sorted))
  }
  let context = Board(
    tables: tables, asOf: asOf, zone: planned.pipeline.zone, holdoutKey: Secret("key"))
  for stage in planned.pipeline.stages {
    guard let plan = planned.plan(of: stage) else { continue }
    context.results.value[stage.name.text] = try await plan.work.run(plan, in: context)
  }
  return Outcome(results: context.results.value, asOf: asOf, published: context.published.value)
}

struct Refused: Error, CustomStringConvertible {
  let messages: String
  var description: String { messages }
}

/// What the stages of a pipeline made.
struct Outcome {
  let results: [String: StageResult]
  let asOf: Instant
  let published: [String: Frame]

  func relation(_ stage: String) throws -> any Relation {
    guard case .relation(let relation) = results[stage]?.output else {
      throw StageFailure("no rows from \(stage)")
    }
    return relation
  }

  func frame(_ stage: String, asOf: Instant? = nil) async throws -> Frame {
    try await relation(stage).frame(asOf: asOf ?? self.asOf)
  }
}

/// A value that one test changes, step after step.
final class Box<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}

private struct Board: StageContext {
  let tables: Tables
  let asOf: Instant
  let zone: CalendarZone
  let holdoutKey: Secret?
  var engine: any Engine { StageRegistry.builtIn.engine }
  let results = Box<[String: StageResult]>([:])
  let published = Box<[String: Frame]>([:])

  func output(of stage: String) throws -> StageOutput {
    guard let result = results.value[stage] else { throw StageFailure("\(stage) did not run") }
    return result.output
  }

  func read(_ statement: PlannedStatement) async throws -> Frame {
    let asked = tables.first { statement.sql == selectAll(from: $0.key) }
    guard let table = asked?.value else {
      throw StageFailure("there is no such table")
    }
    return table
  }

  func publish(_ frame: Frame, as table: TargetTable, objections: [String]) async throws {
    published.value[table.name.description] = frame
  }

  func progress(_ progress: StageProgress) {}
}
