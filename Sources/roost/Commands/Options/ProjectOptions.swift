import ArgumentParser
import Diagnostics
import Foundation
import Inspection
import PipelineFiles
import PostgresClient
import Stages
import State

/// The project that a command works in.
struct ProjectOptions: ParsableArguments {
  @Option(help: "The project's roost.yaml, or its folder; otherwise it is looked for upwards.")
  var project: String?

  /// The project; nil where it is wrong, which the report then says.
  func openSession(pipeline: String? = nil, _ report: Report) -> ProjectSession? {
    ProjectSession(
      named: project, pipeline: pipeline, environment: ProcessInfo.processInfo.environment,
      registry: .builtIn, report: report)
  }

  /// The project; ends the command with the messages where it is wrong.
  func session(_ report: Report) throws -> ProjectSession {
    guard let session = openSession(report) else { throw wrongFiles(report) }
    return session
  }

  /// The database that holds the project's state.
  func stateDatabase() throws -> ConnectionString {
    let report = Report()
    guard let state = try session(report).state else { throw wrongFiles(report) }
    return state
  }

  /// The role that may read what is published; nil where none is named.
  func readerRole() throws -> String? {
    let report = Report()
    return try session(report).project.settings.grantTo?.text
  }

  /// The name of a pipeline: people write the file where others want the name.
  func pipelineName(_ text: String) throws -> String {
    guard text.hasSuffix(".yaml") || text.hasSuffix(".yml") else { return text }
    let report = Report()
    guard let read = openSession(pipeline: text, report)?.read(text) else {
      throw wrongFiles(report)
    }
    return read.name
  }

  /// The runs that the project's state database knows of.
  func store() async throws -> RunStore { try await RunStore.open(try stateDatabase()) }
}
