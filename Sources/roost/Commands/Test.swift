import ArgumentParser
import Diagnostics
import PipelineTests

struct Test: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run tests of pipelines: rows go in, rows are expected.",
    discussion: """
      Each test gives rows to stages of a pipeline, to extracts or to any that hands on rows, and lists \
      rows that others should make of them. They run on a real Postgres, in a schema that is made for \
      the test and dropped; nothing is published and no run is recorded. Without a file, all of \
      pipelines/tests are run.

        roost test
        roost test pipelines/tests/retention_cleaning.yaml
      """)

  @Argument(help: ArgumentHelp("Tests to run.", valueName: "file"))
  var files: [String] = []

  @OptionGroup var project: ProjectOptions

  @Option(help: "The connection whose database takes the tests' schema; the state's when left out.")
  var connection: String?

  func run() async throws {
    try await Interruption.cancelling { try await runTests() }
  }

  private func runTests() async throws {
    let report = Report()
    guard let session = project.openSession(pipeline: files.first, report),
      let runner = TestRunner(session, connection: connection)
    else { throw wrongFiles(report) }
    let files = files.isEmpty ? TestFinder.tests(of: session.project) : files
    if files.isEmpty {
      Console.note("there are no tests beside \(session.project.file.name), in a folder tests")
    }
    var passed = 0
    var failed = 0
    for file in files {
      let outcome: TestOutcome?
      do {
        outcome = try await runner.run(file)
      } catch {
        // What was found before a database could not be reached is worth knowing too.
        Console.show(report)
        throw error
      }
      guard let outcome else { continue }
      if outcome.isPassed { passed += 1 } else { failed += 1 }
      for line in TestText.lines(outcome) { Console.print(line) }
    }
    Console.show(report)
    let wrong = files.count - passed - failed
    let counts = ["\(passed) passed", "\(failed) failed"] + (wrong > 0 ? ["\(wrong) wrong"] : [])
    Console.print(counts.joined(separator: ", "))
    if report.hasErrors { throw ExitCode.wrongFiles }
    if failed > 0 { throw ExitCode.stageFailed }
  }
}
