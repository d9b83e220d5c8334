import Diagnostics
import Foundation
import Frames
import Inspection
import PipelineFiles
import PostgresClient
import Runs
import Stages
import State
import Synchronization
import TestSupport
import Testing

/// A project in a temporary folder whose shop and warehouse are one database of a test's own.
struct TestProject: Sendable {
  /// The name of the pipeline file that tests with one pipeline use.
  static let pipeline = "pipeline.yaml"
  static let holdoutKey = "a key for tests"
  /// Settings of a project in which everything is told, to nobody who could be disturbed.
  static let told =
    "alerts: { command: /bin/true, on: [\(AlertKind.allCases.map(\.rawValue).joined(separator: ", "))] }"

  let folder: URL
  /// Its own connection is a superuser's: the witness.
  let database: TestDatabase
  /// The role as which runs connect; nil for a superuser.
  let role: OrdinaryRole?
  /// What the project's files may take from the environment.
  var environment: [String: String]

  /// As whom runs connect.
  var url: String { role?.url ?? database.url }
  var stateDatabase: ConnectionString { role?.connectionString ?? database.connectionString }

  /// What a check found.
  struct Checked: Sendable {
    let pipeline: CheckedPipeline?
    let diagnostics: [Diagnostic]

    var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    var text: String { TextRenderer().render(diagnostics) }
  }

  /// How a run went.
  struct Ran: Sendable {
    let outcome: RunOutcome
    let events: [RunEvent]

    var run: Int { outcome.run }

    func result(of stage: String) -> StageResult? {
      events.lazy.compactMap { event in
        if case .stageFinished(stage, let result) = event { result } else { nil }
      }.first
    }
  }

  /// The files are wrong although the test wants to run them.
  struct WrongFiles: Error, CustomStringConvertible { let description: String }

  /// Writes a file of the project.
  @discardableResult
  func write(_ path: String, _ text: String) throws -> String {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  /// Writes the pipeline file: its stages, in the pipeline `test`.
  func write(stages: String, timezone: String = "UTC") throws {
    try write(Self.pipeline, "pipeline: test\ntimezone: \(timezone)\nstages:\n\(stages)\n")
  }

  func check(
    _ path: String = TestProject.pipeline, asOf: String = "2026-06-01",
    environment name: String? = nil
  ) async throws -> Checked {
    let report = Report()
    let file = path.hasPrefix("/") ? path : folder.appending(path: path).path
    guard
      let session = ProjectSession(
        named: nil, pipeline: file, environment: environment, registry: Self.registry,
        report: report), let pipeline = session.read(file),
      let asOf = Instant(asOf, in: pipeline.zone)
    else { return Checked(pipeline: nil, diagnostics: report.sorted) }
    let checked = try await session.check(
      pipeline, asOf: asOf, publishing: try Self.publishing(name), isOffline: false,
      now: Instant("2040-01-01", in: .utc))
    return Checked(pipeline: checked, diagnostics: report.sorted)
  }

  /// Checks and runs a pipeline. A run that ends otherwise than expected is an issue of the test.
  /// - Parameters:
  ///   - stateFolder: where rows are kept; nil to keep none.
  ///   - preparing: called between the check and the run.
  /// - Throws: `WrongFiles`, and what the executor throws.
  @discardableResult
  func run(
    _ path: String = TestProject.pipeline, asOf: String = "2026-06-01",
    environment name: String? = nil, publishes: Bool = true,
    patience: LockPatience = LockPatience(), stateFolder: String? = nil, verifies: Bool = false,
    resumes: Bool = false, only: [String] = [], from: [String] = [], to: [String] = [],
    expecting: RunState = .succeeded,
    observer: @escaping RunObserver = { _ in },
    preparing: (inout RunRequest) async throws -> Void = { _ in }
  ) async throws -> Ran {
    let checked = try await check(path, asOf: asOf, environment: name)
    guard let pipeline = checked.pipeline, checked.errors.isEmpty else {
      throw WrongFiles(description: checked.text)
    }
    let log = EventLog()
    var request = pipeline.request(
      environment: try Self.publishing(name), publishes: publishes,
      stateFolder: stateFolder.flatMap {
        pipeline.stateFolder($0, environment: environment, verifies: verifies)
      })
    request.lockPatience = patience
    request.resumes = resumes
    request.leastCheckpointSeconds = 0
    request.selection = try StageSelection(
      only: only, from: from, to: to, resumes: resumes, in: pipeline.planned.pipeline)
    try await preparing(&request)
    let outcome = try await RunExecutor(request) { event in
      log.add(event)
      observer(event)
    }.run()
    #expect(outcome.state == expecting, "\(outcome.error ?? "no error")")
    return Ran(outcome: outcome, events: log.events)
  }

  private static let registry = StageRegistry(
    StageRegistry.builtIn.kinds + [Probe.self], engine: StageRegistry.builtIn.engine)

  private static func publishing(_ name: String?) throws -> PublishingEnvironment {
    guard let name else { return .standard }
    guard let environment = PublishingEnvironment(named: name) else {
      throw WrongFiles(description: "no environment is called \(name)")
    }
    return environment
  }
}

/// Runs `body` with a project in a database of its own; removes both afterwards.
/// - Parameter isSuperuser: whether runs connect as a superuser rather than as an ordinary role.
func withProject<Value: Sendable>(
  timezone: String = "UTC", settings: String = "", isSuperuser: Bool = false,
  _ body: (TestProject) async throws -> Value
) async throws -> Value {
  let folder = FileManager.default.temporaryDirectory
    .appending(component: "roost-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await withDatabase { database in
    let role = isSuperuser ? nil : try await database.makeOrdinaryRole()
    let url = role?.url ?? database.url
    let project = TestProject(
      folder: folder, database: database, role: role,
      environment: [
        "SHOP_DATABASE_URL": url, "WAREHOUSE_DATABASE_URL": url,
        "ROOST_HOLDOUT_KEY": TestProject.holdoutKey,
      ])
    try project.write(
      "roost.yaml",
      """
      roost: 1
      timezone: \(timezone)
      connections:
        shop: ${SHOP_DATABASE_URL}
        warehouse: ${WAREHOUSE_DATABASE_URL}
      state: warehouse
      holdout_key: ${ROOST_HOLDOUT_KEY}
      \(settings)
      """)
    return try await body(project)
  }
}

/// What a run said, from any thread.
private final class EventLog: Sendable {
  private let log = Mutex<[RunEvent]>([])

  func add(_ event: RunEvent) { log.withLock { $0.append(event) } }
  var events: [RunEvent] { log.withLock { $0 } }
}
