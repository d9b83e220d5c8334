import ArgumentParser
import Diagnostics
import Foundation
import Frames
import Inspection
import PipelineFiles
import PostgresClient
import Runs
import Scheduling
import Stages
import State

struct Backfill: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backfill",
    abstract: "Run a pipeline for a list of past as-ofs.",
    discussion: """
      Each as-of is a run of its own. What readers see in <table>_current stays where it is unless a \
      run is for a later as-of. Stopped with Ctrl-C or killed, the same command goes on with what is \
      not done; runs that failed are tried again.

        roost backfill pipelines/retention.yaml --from 2026-05-01 --to 2026-05-31
        roost backfill pipelines/retention.yaml --from 2026-01-01 --to 2026-06-01 --every 7d --parallel 2
        roost backfill pipelines/retention.yaml --cancel
      """)

  @Argument(help: ArgumentHelp("The pipeline's YAML file.", valueName: "file"))
  var file: String

  @OptionGroup var project: ProjectOptions

  @OptionGroup var state: StateOptions

  @OptionGroup var publishing: EnvironmentOptions

  @Option(help: ArgumentHelp("The first as-of, in the pipeline's zone.", valueName: "instant"))
  var from: String?

  @Option(help: ArgumentHelp("The last as-of; it is run too.", valueName: "instant"))
  var to: String?

  @Option(help: "The step from as-of to as-of, such as 1d, 7d or 6h.")
  var every = "1d"

  @Option(help: "Runs at the same time.")
  var parallel = 1

  @Flag(help: "Begin with the latest as-of.")
  var newestFirst = false

  @Flag(
    help:
      "End the runs of any backfill of this pipeline that is not done, and begin no further one, here or elsewhere."
  )
  var cancel = false

  func validate() throws {
    if parallel < 1 { throw ValidationError("--parallel must be at least 1") }
    if !cancel, from == nil || to == nil { throw ValidationError("give --from and --to") }
  }

  func run() async throws {
    let report = Report()
    guard let session = project.openSession(pipeline: file, report),
      let pipeline = session.read(file), !report.hasErrors, let database = session.state
    else { throw wrongFiles(report) }
    let environment = try publishing.resolved()
    if cancel { return try await cancelAll(pipeline, environment, database) }
    let range = try range(pipeline)
    // What is wrong is said at once, with its place.
    let checked = try await session.check(
      pipeline, asOf: range.last, publishing: environment, isOffline: false,
      locks: .asRun)
    guard let checked, !report.hasErrors else { throw wrongFiles(report) }
    Console.show(report)
    try await requireKept(range, checked, environment)

    let state = try await StateDatabase.open(database)
    let ledger = BackfillLedger(state)
    let backfill = try await ledger.open(range, of: pipeline, environment: environment.name ?? "")
    say(backfill, pipeline)
    let display = BackfillDisplay(backfill, zone: pipeline.zone)
    let maker = RunsHere(
      environment: ProcessInfo.processInfo.environment, publishing: environment,
      stateFolder: self.state.stateDir, registry: .builtIn
    ) { display.show($0, $1) }
    let runner = BackfillRunner(maker, parallel: parallel) { display.show($0, $1) }
    let results = try await Interruption.cancelling { [newestFirst, project = session.project] in
      await runner.run(backfill, of: pipeline, in: project, newestFirst: newestFirst)
    }
    try await ledger.finish(backfill.id)
    let rest = try await ledger.rest(of: backfill.id)
    await state.close()
    await Telling.deliver(session.project, database)
    try end(results, backfill, rest)
  }

  private func range(_ pipeline: Pipeline) throws -> BackfillRange {
    func instant(_ option: String, _ text: String?) throws -> Instant {
      guard let text, let instant = Instant(text, in: pipeline.zone) else {
        throw CommandFailure("--\(option): \(WrongInstant(text ?? ""))", .wrongUsage)
      }
      return instant
    }
    let (first, last) = (try instant("from", from), try instant("to", to))
    guard first <= last else {
      throw CommandFailure("--from lies after --to", .wrongUsage)
    }
    guard last <= .now else {
      throw CommandFailure(
        "--to lies in the future: what happens until then is not known yet", .wrongUsage)
    }
    guard
      let step = try? PipelineFiles.Duration(
        parsing: Snippet(file: SourceFile(name: "--every", text: every))), !step.isZero
    else {
      throw CommandFailure(
        "--every: '\(every)' is no step\n  help: write days as 1d, hours as 6h", .wrongUsage)
    }
    let range = BackfillRange(first: first, last: last, step: step.span)
    guard range.asOfs(in: pipeline.zone).count <= BackfillRange.most else {
      throw CommandFailure(
        "these are more than \(BackfillRange.most) as-ofs; take a larger step or fewer at once",
        .wrongUsage)
    }
    return range
  }

  /// Refuses to make what would be let go at once.
  private func requireKept(
    _ range: BackfillRange, _ checked: CheckedPipeline, _ environment: PublishingEnvironment
  ) async throws {
    let planned = checked.planned
    let passed = try await PassedKeep.all(
      planned, environment: environment, asOf: range.first, last: range.last, in: checked.state)
    guard let earliest = passed.map(\.earliest).min() else { return }
    let zone = planned.pipeline.zone
    let start = earliest.shortText(in: zone)
    let what =
      "runs for as-ofs before \(start) would let go what they publish: "
      + passed.map { $0.text(in: zone) }.joined(separator: "; ")
    let all = planned.pipeline.stages.flatMap { planned.plan(of: $0)?.tables ?? [] }
    guard passed.count == all.count else { return Console.note("warning: \(what)") }
    throw CommandFailure(
      "--from: \(what)\n  help: begin with --from \(start), or let keep: be longer", .wrongUsage)
  }

  private func say(_ backfill: Scheduling.Backfill, _ pipeline: Pipeline) {
    let done = backfill.count - backfill.pending.count
    let what = "\(backfill.count) as-of\(backfill.count == 1 ? "" : "s") of \(pipeline.name)"
    Console.note(
      backfill.isResumed
        ? "backfill \(backfill.id) goes on: \(done) of \(what) done"
        : "backfill \(backfill.id): \(what)")
  }

  private func cancelAll(
    _ pipeline: Pipeline, _ environment: PublishingEnvironment, _ database: ConnectionString
  ) async throws {
    let state = try await StateDatabase.open(database)
    let count = try await BackfillLedger(state).cancel(
      pipeline: pipeline.name, environment: environment.name ?? "")
    await state.close()
    Console.note(
      count == 0
        ? "no backfill of \(pipeline.name) is under way"
        : "cancelled \(count); runs of it that have begun are asked to end")
  }

  private func end(
    _ results: [MadeRun], _ backfill: Scheduling.Backfill, _ rest: (count: Int, isCancelled: Bool)
  ) throws {
    // Another process may have made some.
    if rest.count == 0 { return Console.note("all done") }
    let left = "\(rest.count) of \(backfill.count) not done"
    if rest.isCancelled {
      Console.note("\(left): the backfill was cancelled; the same command begins another one")
      throw ExitCode.cancelled
    }
    Console.note("\(left); the same command tries them again")
    if results.contains(where: { $0.state == .cancelled }) { throw ExitCode.cancelled }
    try ScheduleLog.exit(after: results)
    throw ExitCode.stageFailed
  }
}
