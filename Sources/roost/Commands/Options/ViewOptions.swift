import ArgumentParser
import Diagnostics
import Frames
import Inspection
import PipelineFiles

/// How a command sees a pipeline: as of when, and publishing where.
struct ViewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "See only data before this instant, 2026-06-21 or 2026-06-21T09:30 in the pipeline's zone; "
        + "the start of today when left out.", valueName: "instant"))
  var asOf: String?

  @OptionGroup var environment: EnvironmentOptions

  func publishing() throws -> PublishingEnvironment { try environment.resolved() }

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
