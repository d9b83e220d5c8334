import ArgumentParser
import Diagnostics
import Frames
import Inspection
import PipelineFiles

/// The pipeline that a command works on.
struct PipelineOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The pipeline's YAML file.", valueName: "file"))
  var file: String

  @OptionGroup var project: ProjectOptions

  @OptionGroup var view: ViewOptions

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
