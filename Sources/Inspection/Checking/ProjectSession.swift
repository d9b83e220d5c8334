import Catalog
import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// A project that was read, with what its files take from the environment.
public struct ProjectSession {
  public let project: Project
  package let environment: [String: String]
  package let registry: StageRegistry
  package private(set) var report: Report

  /// Reads the project file; nil where it is wrong or missing, which the report then says.
  public init?(
    named path: String?, pipeline: String?, environment: [String: String],
    registry: StageRegistry, report: Report
  ) {
    guard let path = ProjectFinder.find(named: path, pipeline: pipeline) else {
      report.error(
        .noProject, "there is no roost.yaml here or above", at: nil,
        help:
          "go to a folder of the project, name the file with --project, or begin one: roost init DIR"
      )
      return nil
    }
    let reader = PipelineReader(registry: registry, environment: environment, report: report)
    do throws(Diagnostic) {
      guard let project = reader.project(try Files.read(path)) else { return nil }
      self.project = project
    } catch {
      report.add(error)
      return nil
    }
    self.environment = environment
    self.registry = registry
    self.report = report
  }

  /// A project that was read before.
  public init(
    _ project: Project, environment: [String: String], registry: StageRegistry, report: Report
  ) {
    self.project = project
    self.environment = environment
    self.registry = registry
    self.report = report
  }

  /// The same project with another report.
  public func reporting(to report: Report) -> ProjectSession {
    var session = self
    session.report = report
    return session
  }

  /// The database of a connection; nil, with a message, where it is not there or not set.
  public func database(_ name: String) -> ConnectionString? {
    guard let value = project.settings.connections[name] else {
      report.error(
        .unknownConnection, "there is no connection '\(name)' in \(project.file.name)", at: nil,
        help: Suggestion.help(for: name, in: project.settings.connections.entries.map(\.name.text)))
      return nil
    }
    guard let secret = value.url.resolve(Reader(report: report, environment: environment)) else {
      return nil
    }
    do {
      var connection = try ConnectionString(secret.revealed)
      let variables = value.url.variables
      let place = variables.isEmpty ? [project.file.name] : variables
      connection.label = "connection '\(name)' (\(place.joined(separator: ", ")))"
      connection.readerLimit = value.maxParallel
      connection.refusesStale = value.stale == .refuse
      return connection
    } catch {
      report.error(
        .unreadableConnection, "connection '\(name)': \(error.message)", at: value.url.span,
        help: "write it as postgresql://user@host:5432/database")
      return nil
    }
  }

  /// The database that holds the state.
  public var state: ConnectionString? { database(project.settings.state.text) }

  /// Reads what can be read of a pipeline: what is wrong with the rest, the report says. Nil where
  /// nothing can be read.
  public func read(_ path: String) -> Pipeline? {
    do throws(Diagnostic) {
      return read(try Files.read(path))
    } catch {
      report.add(error)
      return nil
    }
  }

  /// The same of a text that was read before.
  public func read(_ file: SourceFile) -> Pipeline? {
    PipelineReader(registry: registry, environment: environment, report: report)
      .readablePart(of: file, in: project)
  }

  /// What a pipeline is planned for.
  public enum Purpose: Sendable {
    /// Runs, for which the state's database must take what they write.
    case running
    /// Looking at it, for which that does not matter.
    case looking
  }

  /// Plans a pipeline, asking the databases that it uses.
  /// - Parameters:
  ///   - isOffline: plans without asking; then nothing that depends on columns is checked.
  ///   - locks: how long a table that others have locked is waited for.
  ///   - now: what an as-of in the future is later than; the clock's when left out.
  /// - Returns: nil where something is wrong, or was with its file, which the report then says.
  /// - Throws: `PostgresError` where a database cannot be reached.
  public func check(
    _ pipeline: Pipeline, asOf: Instant, publishing: PublishingEnvironment, isOffline: Bool,
    purpose: Purpose = .running, locks: LockWait = .briefly, now: Instant? = nil
  ) async throws -> CheckedPipeline? {
    if asOf > now ?? .now {
      report.warning(
        .futureAsOf,
        "the as-of \(asOf.shortText(in: pipeline.zone)) lies in the future: what happens until then "
          + "is not known yet", at: nil, help: "leave --as-of out for the one of a run now")
    }
    let planner = Planner(
      pipeline, in: project, asOf: asOf, engine: registry.engine, environment: environment,
      publishing: publishing, report: report)
    if isOffline {
      _ = planner.plan(CatalogFacts(isOffline: true))
      return nil
    }
    let questions = planner.questions()
    var connections: [String: ConnectionString] = [:]
    let errorsOfFiles = report.errorCount
    for name in Set(questions.map(\.connection) + [project.settings.state.text]).sorted() {
      connections[name] = database(name)
    }
    // Without its databases a pipeline can still be checked for what does not depend on columns.
    guard report.errorCount == errorsOfFiles else {
      _ = planner.plan(CatalogFacts(isOffline: true))
      return nil
    }
    guard let state = connections[project.settings.state.text] else { return nil }
    let options = ConnectionOptions.checking(lockTimeout: locks.limit(pipeline))
    // A state that cannot be used may not even be asked what stands there.
    let canBeAsked = purpose == .running ? try await checkState(state, options) : true
    let facts = try await CatalogReader(
      connections: connections, options: options, waiting: locks.told
    ).ask(
      questions.filter { canBeAsked || !$0.isOfState })
    let planning = planner.planning(facts)
    if canBeAsked, purpose == .running {
      try await checkPublication(
        planning, publishing, state, options, isWhole: errorsOfFiles == 0)
    }
    guard let planned = planning.planned, !report.hasErrors else { return nil }
    return CheckedPipeline(
      project: project, planned: planned, connections: connections, state: state,
      holdoutKey: holdoutKey)
  }

  /// Asks the state's database whether a run can keep its state there.
  /// - Returns: whether it can be asked more.
  private func checkState(
    _ state: ConnectionString, _ options: ConnectionOptions
  ) async throws -> Bool {
    async let second = PostgresConnection.connect(to: state, options: options)
    let connection = try await PostgresConnection.connect(to: state, options: options)
    let other = try await second
    let outcome = try await StateCheck(place: project.settings.state.span)
      .outcome(on: connection, other)
    await connection.close()
    await other.close()
    for diagnostic in outcome.diagnostics { report.add(diagnostic) }
    return outcome.canBeAsked
  }

  /// Asks the database whether it takes what is published, and what is run then, and whether what was
  /// published is as it was left.
  /// - Parameter isWhole: whether all stages could be read: one that could not may make tables that the
  ///   statements of others use.
  private func checkPublication(
    _ planning: Planning, _ publishing: PublishingEnvironment, _ state: ConnectionString,
    _ options: ConnectionOptions, isWhole: Bool
  ) async throws {
    let statements = isWhole ? PublicationCheck(planning) : nil
    let damage =
      isWhole
      ? planning.planned.map {
        DamageCheck(planned: $0, publishing: publishing, grantTo: project.settings.grantTo?.text)
      } : nil
    if statements == nil, planning.tables.isEmpty, damage?.hasTables != true { return }
    let connection = try await PostgresConnection.connect(to: state, options: options)
    var diagnostics: [Diagnostic] = []
    do {
      // By now it is known to be a session of its own.
      try await connection.keepSettings()
      diagnostics += try await PublishingCheck(
        planning.tables, reader: project.settings.grantTo
      ).diagnostics(on: connection)
      diagnostics += try await MergeCheck(planning.tables).diagnostics(on: connection)
      diagnostics += try await statements?.diagnostics(on: connection) ?? []
      diagnostics += try await damage?.diagnostics(on: connection) ?? []
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
    for diagnostic in diagnostics { report.add(diagnostic) }
  }

  /// The holdout key if it is set; who needs it has been told already where it is not.
  var holdoutKey: Secret? {
    project.settings.holdoutKey?.resolve(Reader(report: Report(), environment: environment))
  }
}
