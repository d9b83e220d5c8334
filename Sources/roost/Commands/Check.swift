import ArgumentParser
import Diagnostics
import Foundation
import Inspection
import PipelineFiles

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find every mistake that can be found without moving data.",
    discussion: """
      Reads the file, the project and the SQL files, and asks the databases for the columns of \
      every source, for what the role may do, and whether they take what a run sends. No row is read \
      or written there. All mistakes are shown together, each with its place and a remedy. Without a \
      file all pipelines of the project are checked.
      """)

  @Argument(
    help: ArgumentHelp("Pipelines' YAML files, or folders with some.", valueName: "file"))
  var files: [String] = []

  @OptionGroup var project: ProjectOptions

  @OptionGroup var view: ViewOptions

  @Flag(help: "Do not ask the databases; then nothing that depends on columns is checked.")
  var offline = false

  @Option(help: "text; json, a list on stdout; or github, workflow commands for annotations.")
  var format = CheckFormat.text

  func run() async throws {
    let report = Report()
    var lines: [String] = []
    do {
      for file in try pipelines(report) {
        if let line = try await line(file, report) { lines.append(line) }
      }
    } catch {
      // What was found before a database could not be reached is worth knowing too.
      show(report)
      throw error
    }
    show(report)
    if format == .text { for line in lines { Console.print(line) } }
    guard report.hasErrors else { return }
    Console.note(errorCount(report))
    throw report.exitCode
  }

  /// The files to check.
  private func pipelines(_ report: Report) throws -> [String] {
    if files.isEmpty {
      guard let folder = project.openSession(report)?.project.folder else { return [] }
      return try pipelines(in: folder)
    }
    return try files.flatMap { file in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
      return exists && isFolder.boolValue ? try pipelines(in: file) : [file]
    }
  }

  private func pipelines(in folder: String) throws -> [String] {
    let files = PipelineFinder.files(in: folder).filter(PipelineFinder.isPipeline)
    if files.isEmpty {
      throw CommandFailure("there is no pipeline in \(folder)", .wrongFiles)
    }
    return files
  }

  /// Checks one.
  /// - Returns: what is said of it where nothing is wrong.
  private func line(_ file: String, _ report: Report) async throws -> String? {
    let before = report.errorCount
    let checked = try await view.check(file, of: project, report, isOffline: offline)
    if report.errorCount > before { return nil }
    guard let checked else {
      return "\(file): nothing is wrong so far; the databases were not asked"
    }
    return "\(file): \(checked.planned.pipeline.stages.count) stages, all is well"
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
