import ArgumentParser
import Diagnostics
import Inspection

struct Plan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a run would do: order, steps, rows, cutoffs, tables.",
    discussion: """
      The pipeline is checked first. Postgres is asked how many rows it expects; nothing is \
      executed. Steps marked [row] look at their own row only; those marked [as-of] are repeated \
      for every past cutoff.

      With --resume, --from, --to or --only it says which stages would come from checkpoints, and \
      why the others would not.
      """)

  @OptionGroup var pipeline: PipelineOptions

  @OptionGroup var state: StateOptions

  @OptionGroup var selection: SelectionOptions

  @OptionGroup var output: FormatOption

  func run() async throws {
    let report = Report()
    guard let checked = try await pipeline.check(report), !report.hasErrors else {
      throw wrongFiles(report)
    }
    Console.show(report)
    var request = checked.request(
      environment: try pipeline.publishing(), publishes: true,
      stateFolder: state.folder(of: checked))
    try selection.apply(to: &request)
    let plan = try await PlanReport(request)
    switch output.format {
    case .json: Console.data(plan.json.indentedText)
    case .text: for line in plan.lines { Console.print(line) }
    }
  }
}
