import ArgumentParser
import Diagnostics
import PipelineFiles
import Relations
import Runs

struct Lineage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage",
    abstract: "Show where a column comes from, and what depends on it.",
    discussion: """
      A column is named by its stage or by its published table; a stage or table alone stands for all \
      of its columns:

        roost lineage pipelines/retention.yaml scores.churn_risk
        roost lineage pipelines/retention.yaml marketing.user_scores.churn_risk
        roost lineage pipelines/retention.yaml marketing.campaign_assignments   all its columns
        roost lineage pipelines/retention.yaml users.email                      what is made from it?
        roost lineage pipelines/retention.yaml --format svg > stages.svg
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, svg }

  @OptionGroup var pipeline: PipelineOptions

  @Argument(help: ArgumentHelp("Stage or table, and column if wanted.", valueName: "table.column"))
  var column: String?

  @Option(help: "text, json, or svg for a picture of the stages.")
  var format = Format.text

  @Flag(help: "List the columns of each stage in the picture.")
  var columns = false

  func run() async throws {
    let report = Report()
    guard let checked = try await pipeline.check(report, purpose: .looking), !report.hasErrors
    else {
      throw wrongFiles(report)
    }
    let planned = checked.planned
    let graph = LineageGraph(planned.pipeline, planned.plans)
    switch format {
    case .json: Console.data(graph.json.text)
    case .svg:
      Console.data(
        StagePicture(planned.pipeline, planned.plans, showsColumns: columns).svg)
    case .text:
      let text = LineageText(graph)
      guard let column else {
        for stage in planned.pipeline.stages {
          let uses = stage.dependencies.joined(separator: ", ")
          let plan = planned.plan(of: stage)
          let made =
            (plan?.tables ?? []).map(\.name) + (plan?.atPublication?.creates ?? []).map(\.name)
          let tables = made.map(\.description).joined(separator: ", ")
          Console.print(
            "\(stage.name.text) (\(stage.kindName))" + (uses.isEmpty ? "" : " ← \(uses)")
              + (tables.isEmpty ? "" : " → \(tables)"))
        }
        return
      }
      let names = names(planned, graph)
      if let found = names[column] {
        for line in text.lines(of: found) { Console.print(line) }
        return
      }
      let all = names.filter {
        $0.key.hasPrefix("\(column).") && !$0.key.dropFirst(column.count + 1).contains(".")
      }
      guard !all.isEmpty else {
        let owners = names.keys.map { $0.split(separator: ".").dropLast().joined(separator: ".") }
        let near = Suggestion.nearest(to: column, in: Set(names.keys).union(owners).sorted())
        let help =
          near.map { "; did you mean \($0)?" }
          ?? "; roost lineage \(pipeline.file) lists the stages and tables"
        throw CommandFailure("there is no column or table \(column)\(help)", .wrongUsage)
      }
      let columns = all.sorted { $0.key < $1.key }.map(\.value)
      for line in text.lines(of: columns) { Console.print(line) }
    }
  }

  /// All names of columns: by their stage, and by the table that they are published in.
  private func names(_ planned: PlannedPipeline, _ graph: LineageGraph) -> [String: StageColumn] {
    var names: [String: StageColumn] = [:]
    for column in graph.columns {
      names[column.description] = column
      guard let table = graph.table(of: column) else { continue }
      names["\(table).\(column.column)"] = column
      names["\(table)_current.\(column.column)"] = column
    }
    for stage in planned.pipeline.stages {
      for table in planned.plan(of: stage)?.atPublication?.creates ?? [] {
        for field in table.fields {
          names["\(table.name).\(field.name)"] = StageColumn(stage.name.text, field.name)
        }
      }
    }
    return names
  }
}
