import Diagnostics
import Frames
import MemoryEngine
import PostgresClient
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// What is known of an sql stage without a database.
@Suite struct SQLPlanTests {
  private static let stages = """
    users:
      extract: { from: shop, table: shop.users, key: user_id, timeless: a test }
    fill:
      after: users
      sql:
        run: |
          DELETE FROM marketing.days WHERE day = :as_of::date;
          INSERT INTO marketing.days VALUES (:as_of, :run_id)
        creates: { marketing.days: { day: date, run: bigint } }
    """
  private static let tables: Tables = [
    "users": Frame(
      schema: Schema([Field("user_id", .int8)]),
      columns: [Column(type: .int8, values: .int64([1]))],
      rowCount: 1)
  ]

  private struct Unpublished: StageContext {
    let unpublished: String?
    var asOf: Instant { day(2026, 6, 1) }
    var zone: CalendarZone { .utc }
    var engine: any Engine { MemoryEngine() }
    var holdoutKey: Secret? { nil }
    func output(of stage: String) throws -> StageOutput { .nothing }
    func read(_ statement: PlannedStatement) async throws -> Frame {
      throw StageFailure("nothing is read here")
    }
    func publish(_ frame: Frame, as table: TargetTable, objections: [String]) async throws {}
    func progress(_ progress: StageProgress) {}
  }

  @Test func `its statements wait for the publication`() async throws {
    let report = Report()
    let planned = try #require(
      planning(Self.stages, Self.tables, report), "\(TextRenderer().render(report.sorted))")
    let plan = try #require(planned.plans["fill"])
    let publication = try #require(plan.atPublication)
    #expect(publication.connection == "warehouse")
    #expect(publication.creates.map(\.name.description) == ["marketing.days"])
    #expect(
      publication.statements.map { $0.sent(by: 7).text } == [
        "DELETE FROM marketing.days WHERE day = timestamptz '2026-06-01 00:00:00+00'::date",
        "INSERT INTO marketing.days VALUES (timestamptz '2026-06-01 00:00:00+00', bigint '7')",
      ])
    #expect(plan.reading == nil && plan.tables.isEmpty)
    #expect(plan.lineage["day"]?.source == "warehouse: SQL of the stage")
    let left = try await plan.work.run(
      plan, in: Unpublished(unpublished: "a test publishes nothing"))
    #expect(left.notes == ["left out: a test publishes nothing"])
  }

  private func planning(
    _ stages: String, _ tables: Tables, _ report: Report
  ) -> PlannedPipeline? {
    plan(stages, tables, asOf: day(2026, 6, 1), report)
  }

  /// The statements of what is planned lie in the YAML file, where their errors are shown.
  @Test func `inline statements know their places`() throws {
    let planned = try #require(planning(Self.stages, Self.tables, Report()))
    let statement = try #require(planned.plans["fill"]?.atPublication?.statements.last)
    #expect(statement.line == 11)
    let reference = try #require(statement.changedTables.first)
    #expect(statement.snippet.span(of: reference.range).text == "marketing.days")
  }
}
