import Catalog
import DemoShop
import Diagnostics
import Foundation
import Frames
import PipelineFiles
import PostgresClient
import Stages
import Synchronization
import TestSupport
import Testing

@testable import Inspection
@testable import PipelineTests

/// Whatever stands in the files of a project, and wherever they lie: the commands that move no data end
/// with an answer, or with messages that say where. The shop is asked, so that plans are made too.
///
/// A project that ends the process stays in the temporary folder, named by its number.
@Suite struct MutatedProjectsTests {
  private static let shares = 4
  /// How many projects; ROOST_PROJECTS asks for more.
  private static let count =
    ProcessInfo.processInfo.environment["ROOST_PROJECTS"].flatMap { Int($0) } ?? 320
  private static let first =
    ProcessInfo.processInfo.environment["ROOST_FIRST_PROJECT"].flatMap { Int($0) } ?? 0
  private static let secrets = ["h0ldout-key-of-tests", "pa55-of-tests"]

  @Test(arguments: 0..<shares) func `every mutated project is answered`(share: Int) async throws {
    try await withProject { project in
      try await project.makeMarketingReader()
      try await DemoShop(users: 5, seed: 3).load(into: project.database.connection)
      let book = FactsBook(project.database.connectionString)
      let whole = try MutatedProject.whole()
      let environment = [
        "SHOP_DATABASE_URL": project.database.url + "&password=\(Self.secrets[1])",
        "WAREHOUSE_DATABASE_URL": project.database.url + "&password=\(Self.secrets[1])",
        "ROOST_HOLDOUT_KEY": Self.secrets[0], "HOME": "/nowhere",
      ]
      let watch = Watch()
      defer { watch.end() }
      for number in 0..<(Self.count / Self.shares) {
        let seed = Self.first + share + number * Self.shares
        let mutated = try MutatedProject(seed, of: whole, in: project.folder.path)
        watch.begins(mutated.folder)
        try await ask(mutated, environment, book)
        if seed % 25 == 0 { try await callProgram(mutated, project, environment) }
        try? FileManager.default.removeItem(atPath: mutated.folder)
      }
    }
  }

  /// What `check`, `plan`, `render`, `lineage` and `test` ask, in this process.
  private func ask(
    _ mutated: MutatedProject, _ environment: [String: String], _ book: FactsBook
  ) async throws {
    let report = Report()
    defer { expectAnswer(report, mutated) }
    guard
      let session = ProjectSession(
        named: nil, pipeline: mutated.pipeline, environment: environment, registry: .builtIn,
        report: report)
    else {
      #expect(report.hasErrors, "\(mutated.folder)")
      return
    }
    let tests = Report()
    _ = TestReader(session: session.reporting(to: tests)).read(mutated.test)
    expectAnswer(tests, mutated)
    guard let pipeline = session.read(mutated.pipeline) else {
      #expect(report.hasErrors, "\(mutated.folder)")
      return
    }
    let asOf = Instant("2026-06-01", in: .utc) ?? Instant(microseconds: 0)
    // Of a report of its own: what it says again would not count as an error of the other plan.
    let offline = Report()
    _ = try await session.reporting(to: offline).check(
      pipeline, asOf: asOf, publishing: .standard, isOffline: true)
    expectAnswer(offline, mutated)
    let planner = Planner(
      pipeline, in: session.project, asOf: asOf, engine: StageRegistry.builtIn.engine,
      environment: environment,
      publishing: .standard, report: report)
    let errors = report.errorCount
    guard let planned = planner.plan(try await book.answers(to: planner.questions())) else {
      #expect(report.hasErrors, "\(mutated.folder): \(errors)")
      return
    }
    show(planned.narrowed())
    show(planned)
  }

  /// Makes every text of a plan.
  private func show(_ planned: PlannedPipeline) {
    let graph = LineageGraph(planned.pipeline, planned.plans)
    _ = graph.json.text
    _ = LineageText(graph).lines(of: graph.columns)
    _ = StagePicture(planned.pipeline, planned.plans, showsColumns: true).svg
    for stage in planned.pipeline.stages {
      guard let plan = planned.plan(of: stage) else { continue }
      _ = plan.steps.map(\.text)
      _ = plan.reading?.statement.sql
    }
    let tick = planned.pipeline.settings.schedule?.cron.tick(
      after: planned.asOf, in: planned.pipeline.zone)
    #expect(tick.map { $0.instant > planned.asOf } ?? true)
  }

  /// What is said has a place, and quotes no secret.
  private func expectAnswer(_ report: Report, _ mutated: MutatedProject) {
    let text =
      TextRenderer().render(report.sorted) + GitHubRenderer().render(report.sorted)
      + JSONRenderer().render(report.sorted)
    for secret in Self.secrets { #expect(!text.contains(secret), "\(mutated.folder)") }
    for diagnostic in report.sorted where diagnostic.severity == .error {
      // A file that cannot be read is its own place.
      let isOfFile = ["R0104", "R0105", "R0106"].contains(diagnostic.code.rawValue)
      #expect(diagnostic.span != nil || isOfFile, "\(mutated.folder): \(diagnostic.message)")
    }
  }

  /// The commands themselves.
  private func callProgram(
    _ mutated: MutatedProject, _ project: TestProject, _ environment: [String: String]
  ) async throws {
    var program = project.program
    program = Program(
      folder: project.folder,
      environment: program.environment.merging(environment) { _, own in own })
    for arguments in [
      ["check", mutated.pipeline], ["plan", mutated.pipeline],
      ["render", mutated.pipeline, "users"],
      ["lineage", mutated.pipeline], ["test", mutated.test],
      ["schema"],
    ] {
      let result = try await program.start(arguments).result()
      #expect([0, 1, 2, 5, 64].contains(result.status), "\(arguments): \(result.errors)")
      #expect(result.status == 0 || !(result.errors + result.output).isEmpty, "\(arguments)")
      for secret in Self.secrets { #expect(!(result.errors + result.output).contains(secret)) }
    }
  }
}

/// What a database has answered, so that each question is asked once.
private actor FactsBook {
  private let database: ConnectionString
  private var known: [CatalogQuestion: CatalogFacts.Answer] = [:]

  init(_ database: ConnectionString) { self.database = database }

  func answers(to questions: [CatalogQuestion]) async throws -> CatalogFacts {
    let new = Set(questions).filter { known[$0] == nil }
    if !new.isEmpty {
      let connections = Dictionary(
        new.map { ($0.connection, database) }, uniquingKeysWith: { first, _ in first })
      let facts = try await CatalogReader(connections: connections).ask(Array(new))
      for question in new { known[question] = facts.answer(to: question) }
    }
    var facts = CatalogFacts(isOffline: false)
    for question in questions {
      if let answer = known[question] { facts.add(answer, to: question) }
    }
    return facts
  }
}

/// Ends the process where a project takes longer than a quarter of an hour, and names it.
private final class Watch: Sendable {
  private let state = Mutex<(folder: String, since: ContinuousClock.Instant)?>(nil)

  init() {
    Thread.detachNewThread { [weak self] in
      while let self {
        if let (folder, since) = self.state.withLock({ $0 }), .now - since > .seconds(900) {
          fatalError("\(folder) takes too long")
        }
        Thread.sleep(forTimeInterval: 1)
      }
    }
  }

  func begins(_ folder: String) { state.withLock { $0 = (folder, .now) } }
  func end() { state.withLock { $0 = nil } }
}
