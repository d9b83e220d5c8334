import ArgumentParser
import Diagnostics
import Expressions
import Inspection
import PipelineFiles
import PostgresClient
import Runs
import Scheduling
import State

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a pipeline for one as-of and publish the result.",
    discussion: """
      The pipeline is checked first. All sources are read on one snapshot each; what the run \
      publishes becomes visible in one transaction, or nothing does. The same as-of run again \
      replaces its own output.

        roost run pipelines/retention.yaml
        roost run pipelines/retention.yaml --as-of 2026-06-21
        roost run pipelines/retention.yaml --environment dev
        roost run pipelines/retention.yaml --verify
        roost run pipelines/retention.yaml --resume            go on where it ended early
        roost run pipelines/retention.yaml --from segments     these and all that follow
        roost run pipelines/retention.yaml --only +scores --no-publish
        roost run pipelines/retention.yaml --format json       each event as a line of JSON

      A finished stage leaves a checkpoint until the run is published. With --resume the latest run \
      for the as-of goes on as a new attempt; with --from and --only what comes before is taken from \
      checkpoints, or made where there are none. roost plan FILE --resume says which stage would be \
      reused, and why another would not.
      """)

  @OptionGroup var pipeline: PipelineOptions

  @OptionGroup var state: StateOptions

  @Flag(
    help:
      "Compare all rows that append-only extracts keep with their sources, not only tonight's share."
  )
  var verify = false

  @Flag(help: "Stop before publication: nothing is written but the run's own rows.")
  var noPublish = false

  @OptionGroup var selection: SelectionOptions

  @OptionGroup var output: EventFormatOption

  func run() async throws {
    let report = Report()
    // By night another's lock is worth waiting for.
    let publishing = try pipeline.publishing()
    let checked = try await pipeline.check(report, locks: .asRun) { session, read, asOf in
      await Console.keepLocked {
        try await session.recordLocked(
          read, asOf: asOf, publishing: publishing, publishes: !noPublish,
          selection: try selection.stages(of: read), resumes: selection.resume)
      }
      if let state = session.state { await Telling.deliver(session.project, state) }
    }
    guard let checked, !report.hasErrors else {
      throw wrongFiles(report)
    }
    Console.show(report)
    var request = checked.request(
      environment: publishing, publishes: !noPublish,
      stateFolder: state.folder(of: checked, verifies: verify))
    try selection.apply(to: &request)
    try await RunMaking.make(request, checked, output.format)
  }
}

/// Makes a run with a display, and ends the command with its exit code.
enum RunMaking {
  static func make(
    _ request: RunRequest, _ checked: CheckedPipeline, _ format: OutputFormat
  ) async throws {
    let observer = observer(request, checked.planned, format)
    let outcome = try await Interruption.cancelling {
      try await RunExecutor(request, observer: observer).run()
    }
    await Telling.deliver(checked.project, checked.state)
    switch outcome.state {
    case .succeeded:
      if request.publishes, format == .text {
        await Console.showTables(of: outcome.run, checked.state)
      }
    case .blocked, .held: throw ExitCode.blocked
    case .cancelled: throw ExitCode.cancelled
    case .running, .failed, .lost:
      throw outcome.isUnreachable ? ExitCode.unreachable : .stageFailed
    }
  }

  private static func observer(
    _ request: RunRequest, _ planned: PlannedPipeline, _ format: OutputFormat
  ) -> RunObserver {
    switch format {
    case .json:
      let printer = RunEventPrinter()
      return { printer.show($0) }
    case .text:
      let zone = planned.pipeline.zone
      Console.note(
        "\(planned.pipeline.name) as of \(planned.asOf.shortText(in: zone)) (\(zone.name))")
      let display = RunDisplay(planned, publishes: request.publishes)
      return { display.show($0) }
    }
  }
}

extension Console {
  /// Says as which run it is kept that one could not begin.
  static func keepLocked(_ record: () async throws -> Int?) async {
    do {
      if let run = try await record() { note("kept as run \(run), which failed") }
    } catch {
      note("that the run could not begin is not kept: \(error)")
    }
  }

  /// A table's name as a statement takes it, in double quotes where it needs them.
  private static func quoted(_ name: String) -> String {
    name.split(separator: ".", maxSplits: 1).map { part in
      part.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil
        ? String(part) : quotedName(String(part))
    }.joined(separator: ".")
  }

  /// Where to read what a run published.
  static func showTables(of run: Int, _ state: ConnectionString) async {
    // The run is published: that nobody can be asked now is no failure of it.
    guard let store = try? await RunStore.open(state),
      let (record, _, publications) = try? await store.run(run)
    else { return }
    await store.close()
    for publication in publications {
      let current = quoted("\(publication.target)_current")
      guard !publication.isCurrent else {
        note("read \(current)")
        continue
      }
      let zone = record.zone
      note(
        "read \(quoted(publication.target)) where as_of = '\(record.asOf.shortText(in: zone)) \(zone.name)'; "
          + "\(current) still shows the run of \(publication.currentAsOf.shortText(in: zone))")
    }
  }
}
