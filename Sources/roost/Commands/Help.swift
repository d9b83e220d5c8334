import ArgumentParser
import Diagnostics
import PipelineFiles
import Runs
import Stages

/// Stands for the argument parser's own `help`, which knows commands only.
struct Help: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show help on a command, on stage kinds, or on test files.",
    discussion: """
        roost help run            a command
        roost help stages         the stage kinds
        roost help stage clean    all keys of one kind, with an example
        roost help tests          all keys of a file that tests a pipeline
      """)

  @Argument(
    help: ArgumentHelp("A command; or stages; or stage and a kind; or tests.", valueName: "topic"))
  var topic: [String] = []

  func run() throws {
    let rest = topic.dropFirst()
    if topic == ["tests"] {
      for line in TestReference.text(.builtIn, width: Console.width) { Console.print(line) }
      return
    }
    guard topic.first == "stages" || topic.first == "stage" else {
      Console.print(Roost.helpMessage(for: try command(at: topic), columns: Console.width))
      return
    }
    let stages = StageText(.builtIn, width: Console.width)
    if let kind = rest.first {
      guard let lines = stages.kind(kind) else {
        throw failure(
          "there is no stage kind '\(kind)'", in: StageRegistry.builtIn.names, for: kind)
      }
      for line in lines { Console.print(line) }
    } else {
      for line in stages.kinds { Console.print(line) }
      Console.print("\nroost help stage KIND shows all keys of a kind.")
    }
  }

  private func command(at path: [String]) throws -> any ParsableCommand.Type {
    var command: any ParsableCommand.Type = Roost.self
    for name in path {
      let below = command.configuration.subcommands
      guard let next = below.first(where: { self.name(of: $0) == name }) else {
        let topics = command == Roost.self ? ["stages", "stage", "tests"] : []
        throw failure("there is no help on '\(name)'", in: below.map(self.name) + topics, for: name)
      }
      command = next
    }
    return command
  }

  private func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  private func failure(
    _ message: String, in names: [String], for name: String
  ) -> CommandFailure {
    let help = Suggestion.help(for: name, in: names).map { "\n  help: \($0)" }
    return CommandFailure(message + (help ?? ""), .validationFailure)
  }
}
