import ArgumentParser
import PipelineFiles
import Runs

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

  @OptionGroup var wanted: RunArgument

  @OptionGroup var project: ProjectOptions

  @Flag(
    help:
      "List keys of members too, at most --limit of each kind; those that are personal data are not listed."
  )
  var keys = false

  @OptionGroup var most: LimitOption

  @OptionGroup var output: FormatOption

  func run() async throws {
    let state = try project.stateDatabase()
    let comparison = try await RunComparison(
      try await wanted.resolved(in: state), keys: keys ? most.limit : nil, in: state)
    switch output.format {
    case .json: Console.data(ComparisonText(comparison).json.text)
    case .text: for line in ComparisonText(comparison).lines { Console.print(line) }
    }
  }
}
