import ArgumentParser
import Diagnostics

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find every mistake that can be found without moving data.",
    discussion: """
      Reads the file, the project and the SQL files, and asks the databases for the columns of \
      every source. Nothing is executed there. All mistakes are shown together, each with its place \
      and a remedy.
      """)

  @OptionGroup var pipeline: PipelineOptions

  @Flag(help: "Do not ask the databases; then nothing that depends on columns is checked.")
  var offline = false

  func run() async throws {
    let report = Report()
    let checked = try await pipeline.check(report, isOffline: offline)
    guard !report.hasErrors else { throw wrongFiles(report) }
    Console.show(report)
    if let checked {
      let count = checked.planned.pipeline.stages.count
      Console.print("\(pipeline.file): \(count) stages, all is well")
    } else {
      Console.print("\(pipeline.file): nothing is wrong so far; the databases were not asked")
    }
  }
}
