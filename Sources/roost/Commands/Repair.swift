import ArgumentParser
import PipelineFiles
import Runs

struct RepairCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Make what a pipeline publishes whole again after changes by hand.",
    discussion: """
      Views that are gone or were replaced are made again, with their comments and grants. Publications \
      whose rows somebody dropped, detached or emptied are forgotten, and _current shows the latest one \
      that is left; what is lost only another run makes again. A table that has a view's name stays, \
      and is named. roost check says what is wrong; --dry-run too.

        roost repair retention --dry-run
        roost repair retention
      """)

  @OptionGroup var publisher: PublisherOptions

  @OptionGroup var environment: EnvironmentOptions

  @Flag(help: "Only say what is wrong.")
  var dryRun = false

  func run() async throws {
    let outcome = try await Repair.run(
      try publisher.project.stateDatabase(), pipeline: try publisher.name(),
      environment: try environment.resolved(), grantTo: try publisher.project.readerRole(),
      isTried: dryRun)
    for line in outcome.mended { Console.print(line) }
    for damage in outcome.left { Console.note(damage.text) }
    if outcome.mended.isEmpty, outcome.left.isEmpty {
      Console.note("all is as it should be")
    }
    guard dryRun || outcome.left.isEmpty else {
      throw CommandFailure(
        "not all could be mended: rename or drop what has a view's name, then repair again",
        .stageFailed)
    }
  }
}
