import Diagnostics
import Expressions
import Frames
import Inspection
import PipelineFiles
import PostgresClient
import Runs

/// Runs tests of pipelines on a real Postgres: in a schema that is dropped again. Nothing is
/// published, no run is recorded.
public struct TestRunner {
  private var session: ProjectSession
  private let database: ConnectionString

  /// - Parameter connection: whose database takes the schema; the state's when nil.
  /// - Returns: nil where there is no such connection, which the session's report then says.
  public init?(_ session: ProjectSession, connection: String?) {
    guard let database = connection.map(session.database) ?? session.state else { return nil }
    self.session = session
    self.database = database
  }

  private var report: Report { session.report }

  /// Runs the test of a file.
  /// - Returns: nil where something is wrong with the file, which the session's report then says.
  /// - Throws: `PostgresError` where a database cannot be reached; `CancellationError`.
  public func run(_ path: String) async throws -> TestOutcome? {
    // With a report of its own: a mistake of a pipeline is counted again for its next test.
    let report = Report()
    defer { for diagnostic in report.diagnostics { session.report.add(diagnostic) } }
    var runner = self
    runner.session = session.reporting(to: report)
    return try await runner.runAlone(path)
  }

  private func runAlone(_ path: String) async throws -> TestOutcome? {
    guard let test = TestReader(session: session).read(path) else { return nil }
    let schema = try await TestSchema.make(on: database, zone: test.pipeline.zone)
    do {
      let failures = try await failures(of: test, in: schema)
      try await schema.drop()
      return failures.map { TestOutcome(file: test.file.name, name: test.name, failures: $0) }
    } catch {
      // The error that led here is the one to report.
      try? await schema.drop()
      throw error
    }
  }

  private func failures(
    of test: ReadTest, in schema: TestSchema
  ) async throws -> [TestOutcome.Failure]? {
    guard let planned = try await plan(test, in: schema), check(test, planned) else { return nil }
    let outputs: [String: StageOutput]
    switch try await runStages(test, planned, in: schema) {
    case .success(let made)?: outputs = made
    case .failure(let failed)?: return [.stage(failed.stage, message: failed.message)]
    case nil: return nil
    }
    var failures: [TestOutcome.Failure] = []
    for (stage, _, expectation) in test.expected {
      guard case .relation(let relation)? = outputs[stage.name.text] else { continue }
      let frame = try await relation.frame(asOf: test.asOf)
      switch expectation {
      case .count(let count):
        guard count != frame.rowCount else { continue }
        failures.append(
          .count(stage: stage.name.text, expected: count, found: frame.rowCount))
      case .rows(let rows, let order):
        let tables = ComparedTables(
          schema: schema, report: report, stage: stage.name.text, shape: relation.shape)
        guard let result = try await tables.compare(rows, order, with: frame) else { return nil }
        if case .different(let difference) = result {
          failures.append(.rows(stage: stage.name.text, difference))
        }
      }
    }
    return failures
  }

  /// Loads what is given and plans the stages that are needed.
  private func plan(_ test: ReadTest, in schema: TestSchema) async throws -> PlannedPipeline? {
    let before = report.errorCount
    var facts = CatalogFacts(isOffline: false)
    let tables = GivenTables(session: session, schema: schema)
    for given in test.given where given.isRead {
      guard let question = question(of: given.stage, test) else { continue }
      if let description = try await tables.load(given, answering: question) {
        facts.add(.columns(description), to: question)
      }
    }
    // What is before a given stage is not read; its columns are what that one's follow from.
    for stage in test.pipeline.stages
    where test.planned.contains(stage.name.text) && !test.needed.contains(stage.name.text) {
      guard let question = question(of: stage, test), facts.answer(to: question) == nil,
        let answer = try await tables.source(question)
      else { continue }
      facts.add(answer, to: question)
    }
    guard report.errorCount == before else { return nil }
    let planning = Report()
    let planned = planner(test, test.planned, planning).plan(facts)
    // Warnings are for who checks the pipeline.
    for diagnostic in planning.diagnostics where diagnostic.severity == .error {
      report.add(diagnostic)
    }
    return planned
  }

  /// What an extract asks of its source.
  private func question(of stage: Stage, _ test: ReadTest) -> CatalogQuestion? {
    planner(test, [stage.name.text], report).questions().first {
      if case .columns = $0 { true } else { false }
    }
  }

  private func planner(_ test: ReadTest, _ stages: Set<String>, _ report: Report) -> Planner {
    Planner(
      test.pipeline.limited(to: stages), in: session.project, asOf: test.asOf,
      engine: session.registry.engine,
      environment: session.environment, publishing: .standard, report: report)
  }

  /// Whether the stages make rows that have what is expected of them.
  private func check(_ test: ReadTest, _ planned: PlannedPipeline) -> Bool {
    let before = report.errorCount
    for (stage, span, expectation) in test.expected {
      guard case .relation(let relation)? = planned.plan(of: stage)?.shape else {
        report.error(
          .wrongInput,
          "stage '\(stage.name.text)' is of kind \(stage.kindName) and hands on no rows", at: span,
          help: "expect the rows of a stage that makes some")
        continue
      }
      guard case .rows(let rows, _) = expectation else { continue }
      for column in rows.columns where relation.schema[column.name] == nil {
        report.error(
          .unknownColumn, "stage '\(stage.name.text)' has no column '\(column.name)'",
          at: column.span, help: Suggestion.help(for: column.name, in: relation.schema.names))
      }
      for row in rows.rows {
        let lost = rows.columns.map(\.name).filter { row[$0] == nil }
        guard !lost.isEmpty else { continue }
        report.error(
          .missingKey,
          "a row leaves out \(lost.map { "'\($0)'" }.joined(separator: ", ")), which others list",
          at: RowSet.start(of: row) ?? span,
          help: "all rows list the same columns; write "
            + lost.map { "\($0): null" }.joined(separator: ", ") + " for what is null")
      }
    }
    return report.errorCount == before
  }

  /// A key of its own: who is held out in a test is the same wherever it runs.
  private static let holdoutKey = Secret("roost test")

  private struct FailedStage: Error {
    let stage: String
    let message: String
  }

  /// Runs one stage after the other; they stand in an order in which they can run.
  /// - Returns: nil where something is wrong with what is given, which the report then says.
  private func runStages(
    _ test: ReadTest, _ planned: PlannedPipeline, in schema: TestSchema
  ) async throws -> Result<[String: StageOutput], FailedStage>? {
    var outputs: [String: StageOutput] = [:]
    let before = report.errorCount
    let stages = GivenStages(
      schema: schema, report: report, engine: planned.engine, asOf: test.asOf)
    for given in test.given where !given.isRead {
      guard let plan = planned.plan(of: given.stage) else { continue }
      outputs[given.stage.name.text] = try await stages.output(
        given, plan, zone: planned.pipeline.zone)
    }
    guard report.errorCount == before else { return nil }
    for stage in planned.pipeline.stages
    where test.needed.contains(stage.name.text) && outputs[stage.name.text] == nil {
      guard let plan = planned.plan(of: stage) else { continue }
      let context = TestStageContext(
        stage: stage.name.text, asOf: test.asOf, zone: planned.pipeline.zone,
        engine: planned.engine, holdoutKey: Self.holdoutKey, inputs: outputs, schema: schema)
      do {
        try Task.checkCancellation()
        outputs[stage.name.text] = try await plan.work.run(plan, in: context).output
      } catch {
        let trouble = StageTrouble(error)
        if trouble.state == .cancelled { throw CancellationError() }
        if trouble.isUnreachable { throw error }
        return .failure(FailedStage(stage: stage.name.text, message: trouble.message))
      }
    }
    return .success(outputs)
  }
}
