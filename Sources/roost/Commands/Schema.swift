import ArgumentParser
import PipelineFiles
import Stages

struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the JSON Schema of pipeline files, for editors.",
    discussion: """
      With it an editor that has yaml-language-server completes keys, shows what they mean, and marks \
      mistakes while you write:

        roost schema > .roost.schema.json

      and in the first line of a pipeline, with the path seen from it:

        # yaml-language-server: $schema=../.roost.schema.json
      """)

  @Flag(help: "The schema of roost.yaml instead.")
  var project = false

  func run() {
    let schema = JSONSchema(.builtIn)
    Console.print((project ? schema.project : schema.pipeline).indentedText)
  }
}
