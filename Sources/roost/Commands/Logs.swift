import ArgumentParser
import Frames
import Inspection
import PipelineFiles
import State

struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Show what happened in a run, event by event.",
    discussion: """
      Each event has its time, how much it matters, and its stage where it has one. With --follow \
      new ones are shown until the run ends. With --format json each is a line for a log collector.

        roost logs 12
        roost logs 12 churn
        roost logs 12 --follow --format json
      """)

  @OptionGroup var wanted: RunArgument

  @Argument(help: ArgumentHelp("Only what concerns this stage.", valueName: "stage"))
  var stage: String?

  @Flag(help: "Go on until the run ends.")
  var follow = false

  @OptionGroup var project: ProjectOptions

  @OptionGroup var output: FormatOption

  func run() async throws {
    let store = try await project.store()
    let id = try await wanted.resolved(in: store)
    let (run, stages, _) = try await store.run(id)
    if let stage, !stages.contains(where: { $0.name == stage }) {
      throw CommandFailure(
        "run \(id) has no stage '\(stage)'; it has \(stages.map(\.name).joined(separator: ", "))",
        .wrongUsage)
    }
    var last = 0
    var hasSeenLoss = false
    while true {
      // Asked before the events, so that none is missed which came between.
      let isOver = try await store.run(id).0.state != .running
      for event in try await store.events(of: id, stage: stage, after: last) {
        show(event, run.zone)
        last = event.id
        hasSeenLoss = event.event == RunTransition.lose.rawValue
      }
      if isOver || !follow || !Console.hasReader { break }
      try await Task.sleep(for: .milliseconds(500))
    }
    let ended = try await store.run(id).0
    await store.close()
    // Whoever makes runs settles it, and writes it down.
    if ended.state == .lost, !hasSeenLoss {
      Console.note("run \(id) is lost: \(ended.error ?? "")")
    }
  }

  private func show(_ event: LoggedEvent, _ zone: CalendarZone) {
    guard output.format == .text else { return Console.data(event.json.text) }
    let level =
      switch event.level {
      case .info: "     "
      case .warning: Console.paint("warn ", "33")
      case .error: Console.paint("error", "31;1")
      }
    let parts = [event.stage, event.event, event.message].compactMap(\.self).filter { !$0.isEmpty }
    Console.print(
      "\(event.at.offsetText(in: zone))  \(level)  \(parts.joined(separator: "  "))")
  }
}
