import ArgumentParser
import Diagnostics
import Foundation
import Frames
import Inspection
import PipelineFiles
import State

struct Retry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Go on with a run that ended early.",
    discussion: """
      The same as roost run FILE --as-of … --resume, for the run with this number. Stages that \
      finished are taken from their checkpoints where nothing changed that decides their output; \
      the sources are read again together unless all of them have checkpoints.

        roost retry 12
      """)

  @OptionGroup var chosen: RunNumber

  @Option(help: ArgumentHelp("The pipeline's YAML file, where it is not beside roost.yaml."))
  var file: String?

  @OptionGroup var project: ProjectOptions

  @OptionGroup var state: StateOptions

  @OptionGroup var output: EventFormatOption

  func run() async throws {
    let id = chosen.id
    let report = Report()
    let session = try project.session(report)
    guard let database = session.state else { throw wrongFiles(report) }
    // What makes runs brings the state up to date.
    try await StateDatabase.open(database).close()
    let store = try await RunStore.open(database)
    let run = try await store.resumable(id)
    await store.close()
    guard let path = file ?? PipelineFinder.file(of: run.pipeline, in: session) else {
      throw CommandFailure(
        "no file beside \(session.project.file.name) holds pipeline '\(run.pipeline)'; name it with --file",
        .wrongUsage)
    }
    guard
      let publishing = run.environment.isEmpty
        ? .standard : PublishingEnvironment(named: run.environment),
      let pipeline = session.read(path)
    else { throw wrongFiles(report) }
    let checked = try await session.check(
      pipeline, asOf: run.asOf, publishing: publishing, isOffline: false, locks: .asRun)
    guard let checked, !report.hasErrors else {
      await Console.keepLocked {
        try await session.recordLocked(
          pipeline, asOf: run.asOf, publishing: publishing, publishes: run.publishes,
          resumes: true)
      }
      throw wrongFiles(report)
    }
    Console.show(report)
    var request = checked.request(
      environment: publishing, publishes: run.publishes, stateFolder: state.folder(of: checked))
    request.resumes = true
    try await RunMaking.make(request, checked, output.format)
  }
}
