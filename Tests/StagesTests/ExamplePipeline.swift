import Diagnostics
import Foundation
import PipelineFiles
import Stages

/// The examples of all stage kinds, which make one pipeline.
enum ExamplePipeline {
  static let text =
    """
    pipeline: example
    description: 5
    schedule: { cron: "30 2 * * *", finish_by: "05:00" }
    as_of: hour
    timezone: Europe/Berlin
    parameters: { horizon: 30d }
    stages:

    """
    + StageRegistry.builtIn.kinds.flatMap { $0.example.split(separator: "\n") }
    .map { "  " + $0 + "\n" }.joined()

  /// Reads a pipeline without a database; the report says what is wrong with it.
  static func read(_ text: String) -> (pipeline: Pipeline?, report: Report) {
    let report = Report()
    let reader = PipelineReader(registry: .builtIn, environment: [:], report: report)
    let project = reader.project(
      SourceFile(
        name: "roost.yaml",
        text: """
          roost: 1
          connections: { shop: "${SHOP}" }
          state: shop
          """))
    let pipeline = project.flatMap {
      reader.pipeline(SourceFile(name: "pipeline.yaml", text: text), in: $0)
    }
    return (pipeline, report)
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL
}
