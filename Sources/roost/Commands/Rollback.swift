import ArgumentParser
import Diagnostics
import Frames
import PipelineFiles
import Runs
import State

struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Take readers back to an earlier publication of a pipeline.",
    discussion: """
      All _current views of the pipeline show the other publication in one short transaction; no \
      reader waits. Without --to and --as-of it is the one that readers saw before the present one. The \
      next run publishes as always. What upsert, append, replace and sql stages wrote stays.

        roost rollback retention --list
        roost rollback retention
        roost rollback retention --to 7
      """)

  @OptionGroup var publisher: PublisherOptions

  @Option(help: ArgumentHelp("Show the rows of this run.", valueName: "run"))
  var to: Int?

  @Option(help: ArgumentHelp("Show the latest run for this as-of.", valueName: "instant"))
  var asOf: String?

  @OptionGroup var environment: EnvironmentOptions

  @Flag(help: "Only list the publications that are kept.")
  var list = false

  @OptionGroup var output: FormatOption

  func validate() throws {
    if [to != nil, asOf != nil, list].count(where: { $0 }) > 1 {
      throw ValidationError("--to, --as-of and --list exclude each other")
    }
  }

  func run() async throws {
    let name = try publisher.name()
    let rollback = try await Rollback(
      try publisher.project.stateDatabase(), pipeline: name,
      environment: try environment.resolved(), isAsking: list)
    do {
      let kept = try await rollback.kept()
      if list {
        show(kept)
      } else {
        let run = try await wanted(kept, rollback)
        show(try await rollback.go(to: run, by: Person.name))
      }
    } catch {
      await rollback.close()
      throw error
    }
    await rollback.close()
  }

  private func wanted(_ kept: [Rollback.Kept], _ rollback: Rollback) async throws -> Int {
    if let to { return to }
    guard let asOf else { return try await rollback.previous() }
    let zone = kept.first?.zone ?? .utc
    guard let instant = Instant(asOf, in: zone) else {
      throw CommandFailure("--as-of: \(WrongInstant(asOf))", .wrongUsage)
    }
    return try await rollback.run(asOf: instant)
  }

  private func show(_ kept: [Rollback.Kept]) {
    if output.format == .json {
      Console.data(JSONValue.array(kept.map(json)).text)
      return
    }
    var table = TextTable([
      ("run", .right), ("as of", .left), ("zone", .left), ("published", .left), ("tables", .right),
      ("rows", .right), ("", .left),
    ])
    for run in kept {
      let remark =
        run.isCurrent
        ? "shown" : run.gone.isEmpty ? "" : "rows of \(run.gone.joined(separator: ", ")) are gone"
      table.rows.append([
        String(run.run), run.asOf.shortText(in: run.zone), run.zone.name,
        String(run.publishedAt.text(in: run.zone).prefix(19)), String(run.tables.count),
        Quantities.grouped(run.tables.reduce(0) { $0 + $1.rows }), remark,
      ])
    }
    for line in table.lines { Console.print(line) }
  }

  private func show(_ outcome: Rollback.Outcome) {
    let to = outcome.to
    if output.format == .json {
      guard case .object(var object) = json(to) else { return }
      object["untouched"] = .array((outcome.untouched + outcome.standing).map { .string($0) })
      Console.data(JSONValue.object(object).text)
      return
    }
    Console.note("readers see run \(to.run) as of \(to.asOf.shortText(in: to.zone))")
    for table in to.tables {
      Console.note("  \(table.name)_current  \(Quantities.grouped(table.rows)) rows")
    }
    for table in outcome.untouched {
      Console.note("  \(table)_current stays as it is: run \(to.run) did not publish it")
    }
    for table in outcome.standing {
      Console.note("  \(table) stays as it is: it keeps no earlier rows")
    }
  }

  private func json(_ run: Rollback.Kept) -> JSONValue {
    .object([
      "run": .integer(run.run), "as_of": .string(run.asOf.rfc3339),
      "published_at": .string(run.publishedAt.rfc3339), "is_current": .bool(run.isCurrent),
      "tables": .array(
        run.tables.map { .object(["table": .string($0.name), "rows": .integer($0.rows)]) }),
      "gone": .array(run.gone.map { .string($0) }),
    ])
  }
}
