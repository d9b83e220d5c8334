import ArgumentParser
import Frames
import PipelineFiles
import State

struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs, the latest first.")

  @OptionGroup var project: ProjectOptions

  @Option(help: "Only runs of this pipeline.")
  var pipeline: String?

  @OptionGroup var most: LimitOption

  @OptionGroup var output: FormatOption

  func run() async throws {
    let store = try await project.store()
    let runs = try await store.runs(limit: most.limit, pipeline: pipeline)
    await store.close()
    switch output.format {
    case .json: Console.data(JSONValue.array(runs.map(\.json)).text)
    case .text:
      var table = TextTable([
        ("run", .right), ("pipeline", .left), ("as of", .left), ("zone", .left), ("state", .left),
        ("began", .left), ("took", .right), ("environment", .left),
      ])
      for run in runs {
        table.rows.append([
          String(run.id), run.pipeline, run.asOf.shortText(in: run.zone), run.zone.name,
          run.outcome, String(run.startedAt.text(in: run.zone).prefix(19)), run.took ?? "",
          run.environment,
        ])
      }
      for line in table.lines { Console.print(line) }
    }
  }
}

extension RunRecord {
  /// How long it took, once it is over.
  var took: String? { worked.map(Quantities.duration) }

  /// How it ended, for people: a success without publication is none that readers see.
  var outcome: String {
    let partial = selection == nil ? "" : ", partial"
    guard state == .succeeded else { return state.rawValue + partial }
    return "succeeded" + partial + (publishes ? (isCurrent ? ", shown" : "") : ", not published")
  }

  var json: JSONValue {
    .object([
      "run": .integer(id), "pipeline": .string(pipeline), "environment": .string(environment),
      "as_of": .string(asOf.rfc3339), "time_zone": .string(zone.name),
      "state": .string(state.rawValue), "publishes": .bool(publishes),
      "is_current": .bool(isCurrent),
      "attempt": .integer(attempt),
      "selection": selection.map { .array($0.map(JSONValue.string)) } ?? .null,
      "started_at": .string(startedAt.rfc3339),
      "finished_at": finishedAt.map { .string($0.rfc3339) } ?? .null,
      "error": error.map { .string($0) } ?? .null,
      "snapshots": .object(snapshots.mapValues { .string($0.rfc3339) }),
      "took_seconds": worked.map { .number($0) } ?? .null,
      "host": origin.host.map { .string($0) } ?? .null,
      "pid": origin.pid.map { .integer($0) } ?? .null,
      "roost_version": origin.version.map { .string($0) } ?? .null,
      "made_by": origin.user.map { .string($0) } ?? .null,
    ])
  }
}

extension Instant {
  func seconds(until end: Instant) -> Double {
    Double(end.microseconds - microseconds) / 1_000_000
  }
}
