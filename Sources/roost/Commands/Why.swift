import ArgumentParser
import Diagnostics
import Foundation
import Frames
import Inspection
import PipelineFiles
import PostgresClient
import Scheduling
import State

struct Why: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Say why a pipeline did not run, why it is late, or what is different.",
    discussion: """
      Looks at its file, its databases, its schedule, what schedulers wrote down and its latest runs, \
      and says the first thing that stands in the way; then what is different in the latest good run \
      against those before: rows, time, definitions.

        roost why retention
        roost why pipelines/retention.yaml --format json
      """)

  @Argument(help: ArgumentHelp("The pipeline's name or its file.", valueName: "pipeline"))
  var name: String

  @OptionGroup var project: ProjectOptions

  @OptionGroup var publishing: EnvironmentOptions

  @OptionGroup var output: FormatOption

  func run() async throws {
    let report = Report()
    let session = try project.session(report)
    let environment = try publishing.resolved()
    let file = try file(in: session)
    let readings = Report()
    let pipeline = session.reporting(to: readings).read(file)
    var facts = WhyFacts(
      pipeline: pipeline?.name ?? Paths.stem(of: file),
      zone: pipeline?.zone ?? session.project.zone,
      now: .now)
    if let pipeline { WhyInquiry.schedule(of: pipeline, &facts) }
    if readings.hasErrors { facts.brokenFile = Self.first(readings.sorted) }
    guard let database = session.state else { throw wrongFiles(report) }
    do {
      if let state = try await StateDatabase.openToAsk(database) {
        facts.now = try await state.now()
        if let pipeline { WhyInquiry.schedule(of: pipeline, &facts) }
        try await WhyInquiry(state, environment: environment.name ?? "").ask(&facts)
        await state.close()
      }
      facts.isStateKnown = true
      if let pipeline, facts.brokenFile == nil {
        try await check(pipeline, session, environment, &facts)
      }
    } catch let error as PostgresError where error.kind == .cannotConnect {
      facts.unreachable.append("\(error)")
    }
    show(WhyAnswer(facts), facts)
  }

  /// The file that was named, or that holds the pipeline of that name.
  private func file(in session: ProjectSession) throws -> String {
    if Files.exists(name) { return name }
    let files = PipelineFinder.files(in: session.project.folder)
    if let file = PipelineFinder.file(of: name, in: session) { return file }
    // Named after its file, as most are, although that cannot be read.
    if let file = files.first(where: { Paths.stem(of: $0) == name }) { return file }
    let names = files.map { session.reporting(to: Report()).read($0)?.name ?? Paths.stem(of: $0) }
    throw CommandFailure(
      "there is no pipeline '\(name)' beside \(session.project.file.name)"
        + (Suggestion.help(for: name, in: names).map { "; \($0)" }
          ?? (names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))")),
      .wrongUsage)
  }

  /// Whether a run could begin now.
  private func check(
    _ pipeline: Pipeline, _ session: ProjectSession, _ environment: PublishingEnvironment,
    _ facts: inout WhyFacts
  ) async throws {
    let report = Report()
    _ = try await session.reporting(to: report).check(
      pipeline, asOf: pipeline.asOf(at: .now), publishing: environment, isOffline: false)
    let isMine: Set<DiagnosticCode> = facts.mayMakeRuns ? [] : [.missingPrivilege, .readOnlyState]
    let errors = report.sorted.filter { $0.severity == .error && !isMine.contains($0.code) }
    if errors.isEmpty { return }
    if errors.areOnlyLocked {
      facts.locked = Self.first(errors)
    } else {
      facts.wrongFiles = Self.first(errors)
    }
  }

  private static func first(_ diagnostics: [Diagnostic]) -> String {
    guard let error = diagnostics.first(where: { $0.severity == .error }) else {
      return "it cannot be read"
    }
    let place = error.span.map { "\($0.file.name):\($0.start.line):\($0.start.column): " } ?? ""
    return place + error.message + (error.help.map { "; \($0)" } ?? "")
  }

  private func show(_ answer: WhyAnswer, _ facts: WhyFacts) {
    switch output.format {
    case .text: for line in answer.lines { Console.print(line) }
    case .json:
      Console.data(
        JSONValue.object([
          "pipeline": .string(facts.pipeline), "cause": .string(answer.cause.rawValue),
          "lines": .array(answer.lines.map { .string($0) }),
          "run": (facts.running ?? facts.latest).map { .integer($0.id) } ?? .null,
          "next_due_at": facts.nextDue.map { .string($0.rfc3339) } ?? .null,
        ]).text)
    }
  }
}
