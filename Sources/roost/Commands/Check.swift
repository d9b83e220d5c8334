import ArgumentParser
import Diagnostics
import Runs

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find every mistake that can be found without moving data.",
    discussion: """
      Reads the file, the project and the SQL files, and asks the databases for the columns of \
      every source. Nothing is executed there. All mistakes are shown together, each with its place \
      and a remedy.
      """)

  @OptionGroup var pipeline: PipelineOptions

  @Flag(help: "Do not ask the databases; then nothing that depends on columns is checked.")
  var offline = false

  @Option(help: "text; json, a list on stdout; or github, workflow commands for annotations.")
  var format = CheckFormat.text

  func run() async throws {
    let report = Report()
    let checked: CheckedPipeline?
    do {
      checked = try await pipeline.check(report, isOffline: offline)
    } catch {
      // What was found before a database could not be reached is worth knowing too.
      show(report)
      throw error
    }
    show(report)
    guard !report.hasErrors else {
      Console.note(errorCount(report))
      throw ExitCode.wrongFiles
    }
    guard format == .text else { return }
    if let checked {
      let count = checked.planned.pipeline.stages.count
      Console.print("\(pipeline.file): \(count) stages, all is well")
    } else {
      Console.print("\(pipeline.file): nothing is wrong so far; the databases were not asked")
    }
  }

  private func show(_ report: Report) {
    switch format {
    case .text: Console.show(report, notes: true)
    case .json: Console.write(JSONRenderer().render(report.sorted), to: .standardOutput)
    case .github: Console.write(GitHubRenderer().render(report.sorted), to: .standardOutput)
    }
  }
}

/// How `check` tells what it found.
enum CheckFormat: String, ExpressibleByArgument, CaseIterable { case text, json, github }
