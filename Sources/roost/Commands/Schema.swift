import ArgumentParser
import PipelineFiles
import PipelineTests
import Stages

struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of pipeline, project or test files, for editors.",
    discussion: """
      With it an editor that has yaml-language-server completes keys, shows what they mean, and marks \
      mistakes while you write:

        roost schema > .roost.schema.json

      and in the first line of a pipeline, with the path seen from it:

        # yaml-language-server: $schema=../.roost.schema.json
      """)

  enum File: String, EnumerableFlag {
    case pipeline, project, test

    static func help(for value: File) -> ArgumentHelp? {
      switch value {
      case .pipeline: "The schema of pipeline files. (default)"
      case .project: "The schema of roost.yaml instead."
      case .test: "The schema of test files instead."
      }
    }
  }

  @Flag var file = File.pipeline

  func run() {
    let schema =
      switch file {
      case .pipeline: JSONSchema(.builtIn).pipeline
      case .project: JSONSchema(.builtIn).project
      case .test: TestReference.schema(.builtIn)
      }
    Console.data(schema.indentedText)
  }
}
