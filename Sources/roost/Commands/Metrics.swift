import ArgumentParser
import Foundation
import Inspection

struct Metrics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Print figures about runs and publications for Prometheus.",
    discussion: """
      For the textfile collector of node_exporter name a file; it is replaced in one step. The \
      daemon writes one too, and answers on a port: roost schedule --metrics-file, --metrics-port.

        roost metrics
        roost metrics --output /var/lib/node_exporter/roost.prom
      """)

  @Option(help: ArgumentHelp("Write them to this file.", valueName: "file"))
  var output: String?

  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let store = try await project.store()
    let text = try await RunMetrics(store).text
    await store.close()
    guard let output else { return Console.data(text.trimmingCharacters(in: .newlines)) }
    try MetricsFile(path: output).write(text)
  }
}
