import ArgumentParser
import Diagnostics
import PipelineFiles
import Runs
import Stages

struct Lineage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show where a column comes from, and what depends on it.",
    discussion: """
      A column is named by its stage or by its published table:

        roost lineage pipelines/retention.yaml scores.churn_risk
        roost lineage pipelines/retention.yaml marketing.user_scores.churn_risk
        roost lineage pipelines/retention.yaml users.email       what is made from it?
        roost lineage pipelines/retention.yaml --format svg > stages.svg
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, svg }

  @OptionGroup var pipeline: PipelineOptions

  @Argument(help: ArgumentHelp("Stage or table, and column.", valueName: "table.column"))
  var column: String?

  @Option(help: "text, json, or svg for a picture of the stages.")
  var format = Format.text

  @Flag(help: "List the columns of each stage in the picture.")
  var columns = false

  func run() async throws {
    let report = Report()
    guard let checked = try await pipeline.check(report), !report.hasErrors else {
      throw wrongFiles(report)
    }
    let planned = checked.planned
    let graph = LineageGraph(planned.pipeline, planned.plans)
    switch format {
    case .json: Console.print(graph.json.text)
    case .svg:
      Console.print(
        StagePicture(planned.pipeline, planned.plans, showsColumns: columns).svg)
    case .text:
      let text = LineageText(graph)
      guard let column else {
        for stage in planned.pipeline.stages {
          let uses = stage.dependencies.joined(separator: ", ")
          let plan = planned.plan(of: stage)
          let made = (plan?.targets ?? []) + (plan?.atPublication?.creates ?? []).map(\.name)
          let tables = made.map(\.description).joined(separator: ", ")
          Console.print(
            "\(stage.name.text) (\(stage.kindName))" + (uses.isEmpty ? "" : " ← \(uses)")
              + (tables.isEmpty ? "" : " → \(tables)"))
        }
        return
      }
      for line in text.lines(of: try resolve(column, planned, graph)) { Console.print(line) }
    }
  }

  private func resolve(
    _ text: String, _ planned: PlannedPipeline, _ graph: LineageGraph
  ) throws -> StageColumn {
    var names: [String: StageColumn] = [:]
    for column in graph.columns { names[column.description] = column }
    for stage in planned.pipeline.stages {
      for table in planned.plan(of: stage)?.atPublication?.creates ?? [] {
        for field in table.fields {
          names["\(table.name).\(field.name)"] = StageColumn(stage.name.text, field.name)
        }
      }
      guard let write = stage.kind as? Write else { continue }
      for column in graph.columns where column.stage == stage.name.text {
        names["\(write.tableName).\(column.column)"] = column
      }
    }
    if let found = names[text] { return found }
    let help = Suggestion.nearest(to: text, in: names.keys).map { "; did you mean \($0)?" }
    throw ValidationError("there is no column \(text)\(help ?? "")")
  }
}
