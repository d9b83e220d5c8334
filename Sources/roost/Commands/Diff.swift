import ArgumentParser
import PipelineFiles
import PostgresClient
import Runs
import State

struct Diff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Count the members that a run adds, removes and changes in each table.",
    discussion: """
      A held run is compared with what is published, a published one with what readers saw before it. \
      Members are told apart by the key of the table.

        roost diff 7
        roost diff 7 --keys --limit 50
        roost diff 7 --format json
      """)

  @Argument(help: ArgumentHelp("The run's number; the latest when left out.", valueName: "run"))
  var id: Int?

  @OptionGroup var project: ProjectOptions

  @Flag(help: "List keys of members too; those that are personal data are not listed.")
  var keys = false

  @Option(help: "How many keys of each kind.")
  var limit = 20

  @Option(help: "text or json.")
  var format = OutputFormat.text

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1") }
  }

  func run() async throws {
    let state = try project.stateDatabase()
    let comparison = try await RunComparison(
      try await latest(state), keys: keys ? limit : nil, in: state)
    switch format {
    case .json: Console.data(ComparisonText(comparison).json.text)
    case .text: for line in ComparisonText(comparison).lines { Console.print(line) }
    }
  }

  private func latest(_ state: ConnectionString) async throws -> Int {
    if let id { return id }
    let store = try await RunStore.open(state)
    let latest = try await store.runs(limit: 1).first
    await store.close()
    guard let latest else { throw CommandFailure("there are no runs yet", .stageFailed) }
    return latest.id
  }
}
