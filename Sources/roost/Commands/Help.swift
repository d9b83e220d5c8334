import ArgumentParser
import Diagnostics
import PipelineFiles
import PipelineTests
import Stages

/// Stands for the argument parser's own `help`, which knows commands only.
struct Help: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help",
    abstract: "Show help on a command, a file, stage kinds or functions.",
    discussion: """
        roost help run              a command
        roost help project          the keys of roost.yaml
        roost help pipeline         the keys of a pipeline file
        roost help stages           the stage kinds
        roost help stage clean      all keys of one kind, with an example
        roost help functions        the functions of expressions
        roost help function lower   what one takes
        roost help tests            the keys of a file that tests a pipeline, with an example
      """)

  @Argument(help: ArgumentHelp("A command, or one of the topics above.", valueName: "topic"))
  var topic: [String] = []

  static let topics = [
    "project", "pipeline", "stages", "stage", "functions", "function", "tests",
  ]

  func run() throws {
    let stages = StageText(.builtIn, width: Console.width)
    let functions = FunctionText(width: Console.width)
    let rest = topic.dropFirst()
    switch topic.first {
    case "tests": show(TestReference.text(.builtIn, width: Console.width))
    case "project": show(stages.project)
    case "pipeline": show(stages.pipeline + ["", "roost help stages says what each kind does."])
    case "stages", "stage":
      guard let kind = rest.first else {
        return show(stages.kinds + ["", "roost help stage KIND shows all keys of a kind."])
      }
      guard let lines = stages.kind(kind) else {
        throw failure(
          "there is no stage kind '\(kind)'", in: StageRegistry.builtIn.names, for: kind)
      }
      show(lines)
    case "functions", "function":
      guard let name = rest.first else {
        return show(functions.list + ["", "roost help function NAME shows what one takes."])
      }
      guard let lines = functions.function(name.lowercased()) else {
        let near = Suggestion.nearest(to: name, in: FunctionText.names)
        throw CommandFailure(
          "there is no function '\(name)'\n  help: "
            + (near.map { "did you mean '\($0)'?" } ?? "roost help functions lists all"),
          .wrongUsage)
      }
      show(lines)
    default: Console.print(Roost.helpMessage(for: try command(at: topic), columns: Console.width))
    }
  }

  private func show(_ lines: [String]) {
    for line in lines { Console.print(line) }
  }

  private func command(at path: [String]) throws -> any ParsableCommand.Type {
    var command: any ParsableCommand.Type = Roost.self
    for name in path {
      let below = command.configuration.subcommands
      guard let next = below.first(where: { $0.name == name }) else {
        let topics = command == Roost.self ? Self.topics : []
        throw failure(
          "there is no help on '\(name)'", in: below.map { $0.name } + topics, for: name)
      }
      command = next
    }
    return command
  }

  private func failure(
    _ message: String, in names: [String], for name: String
  ) -> CommandFailure {
    let help = Suggestion.help(for: name, in: names).map { "\n  help: \($0)" }
    return CommandFailure(message + (help ?? ""), .wrongUsage)
  }
}

extension ParsableCommand {
  /// The word that calls it.
  static var name: String { configuration.commandName ?? "\(self)".lowercased() }
}
