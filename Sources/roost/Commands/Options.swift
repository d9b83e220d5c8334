import ArgumentParser
import Diagnostics
import Foundation
import Frames
import Inspection
import PipelineFiles
import PostgresClient
import Runs
import Stages
import State

/// The project that a command works in.
struct ProjectOptions: ParsableArguments {
  @Option(help: "The project's roost.yaml, or its folder; otherwise it is looked for upwards.")
  var project: String?

  /// The project; nil where it is wrong, which the report then says.
  func openSession(pipeline: String? = nil, _ report: Report) -> ProjectSession? {
    ProjectSession(
      named: project, pipeline: pipeline, environment: ProcessInfo.processInfo.environment,
      registry: .builtIn, report: report)
  }

  /// The project; ends the command with the messages where it is wrong.
  func session(_ report: Report) throws -> ProjectSession {
    guard let session = openSession(report) else { throw wrongFiles(report) }
    return session
  }

  /// The database that holds the project's state.
  func stateDatabase() throws -> ConnectionString {
    let report = Report()
    guard let state = try session(report).state else { throw wrongFiles(report) }
    return state
  }

  /// The role that may read what is published; nil where none is named.
  func readerRole() throws -> String? {
    let report = Report()
    return try session(report).project.settings.grantTo?.text
  }

  /// The name of a pipeline: people write the file where others want the name.
  func pipelineName(_ text: String) throws -> String {
    guard text.hasSuffix(".yaml") || text.hasSuffix(".yml") else { return text }
    let report = Report()
    guard let read = openSession(pipeline: text, report)?.read(text) else {
      throw wrongFiles(report)
    }
    return read.name
  }

  /// The runs that the project's state database knows of.
  func store() async throws -> RunStore { try await RunStore.open(try stateDatabase()) }
}

/// The environment of a name; the project's own schemas without one.
func publishing(_ environment: String?) throws -> PublishingEnvironment {
  guard let environment else { return .standard }
  guard let publishing = PublishingEnvironment(named: environment) else {
    throw ValidationError(
      "'\(environment)' names no environment; use small letters, digits and _")
  }
  return publishing
}

/// Shows what is wrong and ends the command.
func wrongFiles(_ report: Report) -> ExitCode {
  Console.show(report)
  Console.note(errorCount(report))
  return report.exitCode
}

extension Report {
  /// How a command ends that has found errors: where all of them are that others have locked what is
  /// asked about, no file is wrong.
  var exitCode: ExitCode {
    isOnlyLocked ? .unreachable : .wrongFiles
  }
}

extension LockWait {
  /// As a run waits, with a word of whom it waits for.
  static let asRun = LockWait.asRun { Console.note("\($0); the run waits") }
}

/// How many errors there are: `2 errors`.
func errorCount(_ report: Report) -> String {
  "\(report.errorCount) \(report.errorCount == 1 ? "error" : "errors")"
}

/// How a command prints what it was asked.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// Where runs keep what later runs use.
struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder for what is kept from run to run; ROOST_STATE_DIR, or else ~/.local/state/roost, when left out.",
      valueName: "folder"))
  var stateDir: String?

  func folder(of checked: CheckedPipeline, verifies: Bool = false) -> StateFolder? {
    checked.stateFolder(
      stateDir, environment: ProcessInfo.processInfo.environment, verifies: verifies)
  }
}

/// Which stages of a run are made.
struct SelectionOptions: ParsableArguments {
  @Flag(help: "Go on with the latest run for the as-of, with the stages that it finished.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "Make only these stages; name+ with all that follow, +name with all that come before.",
      valueName: "stage"))
  var only: [String] = []

  @Option(help: ArgumentHelp("Make this stage and all that follow.", valueName: "stage"))
  var from: [String] = []

  @Option(help: ArgumentHelp("Make this stage and all that come before.", valueName: "stage"))
  var to: [String] = []

  func apply(to request: inout RunRequest) throws {
    request.resumes = resume
    request.selection = try stages(of: request.planned.pipeline)
  }

  /// The stages that are made; nil for all.
  func stages(of pipeline: Pipeline) throws -> StageSelection? {
    try StageSelection(only: only, from: from, to: to, resumes: resume, in: pipeline)
  }
}

/// How a command sees a pipeline: as of when, and publishing where.
struct ViewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "See only data before this instant, 2026-06-21 or 2026-06-21T09:30 in the pipeline's zone; "
        + "the start of today when left out.", valueName: "instant"))
  var asOf: String?

  @Option(help: "Publish to copies of the schemas, such as marketing__NAME.")
  var environment: String?

  func publishing() throws -> PublishingEnvironment { try roost.publishing(environment) }

  /// A checked pipeline; nil where something is wrong, which the report then says.
  /// - Parameters:
  ///   - locks: how long a table that others have locked is waited for.
  ///   - whenLocked: what is done where nothing but such locks is in the way.
  func check(
    _ file: String, of project: ProjectOptions, _ report: Report, isOffline: Bool = false,
    purpose: ProjectSession.Purpose = .running, locks: LockWait = .briefly,
    whenLocked: (ProjectSession, Pipeline, Instant) async throws -> Void = { _, _, _ in }
  ) async throws -> CheckedPipeline? {
    let publishing = try publishing()
    guard let session = project.openSession(pipeline: file, report),
      let pipeline = session.read(file)
    else { return nil }
    let instant = try instant(for: pipeline)
    let checked = try await session.check(
      pipeline, asOf: instant, publishing: publishing, isOffline: isOffline,
      purpose: purpose, locks: locks)
    if report.isOnlyLocked { try await whenLocked(session, pipeline, instant) }
    return checked
  }

  /// The as-of that was asked for, or that of a run now.
  func instant(for pipeline: Pipeline) throws -> Instant {
    guard let asOf else { return pipeline.asOf(at: .now) }
    guard let instant = Instant(asOf, in: pipeline.zone) else {
      throw CommandFailure("--as-of: \(WrongInstant(asOf))", .wrongUsage)
    }
    return instant
  }
}

/// The pipeline that a command works on.
struct PipelineOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The pipeline's YAML file.", valueName: "file"))
  var file: String

  @OptionGroup var project: ProjectOptions

  @OptionGroup var view: ViewOptions

  var environment: String? { view.environment }
  var asOf: String? { view.asOf }

  func publishing() throws -> PublishingEnvironment { try view.publishing() }
  func instant(for pipeline: Pipeline) throws -> Instant { try view.instant(for: pipeline) }

  /// The checked pipeline; nil where something is wrong, which the report then says.
  /// - Parameters:
  ///   - locks: how long a table that others have locked is waited for.
  ///   - whenLocked: what is done where nothing but such locks is in the way.
  func check(
    _ report: Report, purpose: ProjectSession.Purpose = .running,
    locks: LockWait = .briefly,
    whenLocked: (ProjectSession, Pipeline, Instant) async throws -> Void = { _, _, _ in }
  ) async throws -> CheckedPipeline? {
    try await view.check(
      file, of: project, report, purpose: purpose, locks: locks, whenLocked: whenLocked)
  }

  /// The stage that was named; without a name the command ends with a list of the stages.
  func named(_ stage: String?) throws -> String {
    if let stage { return stage }
    let report = Report()
    guard let read = project.openSession(pipeline: file, report)?.read(file) else {
      throw wrongFiles(report)
    }
    let names = read.stages.map { "  \($0.name.text) (\($0.kindName))" }
    throw CommandFailure(
      "name a stage behind the file; its stages are\n\(names.joined(separator: "\n"))", .wrongUsage)
  }
}

extension Instant {
  static var now: Instant {
    let seconds = Date().timeIntervalSince1970 - Double(unixOffset)
    return Instant(microseconds: Int64(seconds * 1_000_000))
  }
}
