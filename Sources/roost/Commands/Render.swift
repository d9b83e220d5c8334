import ArgumentParser
import Diagnostics
import PipelineFiles
import RelationSQL
import Relations
import Runs

struct Render: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Print the SQL that a stage will send, or that makes its rows.",
    discussion: """
      Of a stage that reads a source, or does its work at publication, it is the SQL that Roost sends. \
      Stages that clean, join or put rows together work in memory; for these it is SQL that makes the \
      same rows from the source, step by step, to look at one of them in psql or to see what a step \
      means.
      """)

  @OptionGroup var pipeline: PipelineOptions

  @Argument(help: ArgumentHelp("The stage; without one, they are listed.", valueName: "stage"))
  var stageName: String?

  func run() async throws {
    let stage = try pipeline.named(stageName)
    let report = Report()
    guard let checked = try await pipeline.check(report, purpose: .looking), !report.hasErrors
    else {
      throw wrongFiles(report)
    }
    // As a run sends it: without the columns that nothing uses.
    let plans = checked.planned.narrowed().plans
    guard let plan = plans[stage] else {
      let help = Suggestion.help(for: stage, in: plans.keys.sorted()).map { "; \($0)" } ?? ""
      throw CommandFailure("there is no stage '\(stage)'\(help)", .wrongFiles)
    }
    if let publication = plan.atPublication {
      try show(publication)
      return
    }
    if plan.reading == nil, let rows = checked.planned.plans[stage]?.relational {
      try show(rows, of: stage, checked.planned)
      return
    }
    guard let statement = plan.reading?.statement else {
      if let why = leftOut(stage, plan, checked.planned) {
        throw CommandFailure("stage '\(stage)' sends no SQL: it is \(why)", .wrongFiles)
      }
      let reading = plans.filter {
        $0.value.reading != nil || $0.value.atPublication != nil
      }.keys.sorted()
      throw CommandFailure(
        "stage '\(stage)' sends no SQL: it works on rows that were read; "
          + "those that do: \(reading.joined(separator: ", "))", .wrongFiles)
    }
    Console.data("-- to \(statement.connection)\n\(statement.sql)")
  }

  /// Why a stage that does its work at publication has none.
  private func leftOut(_ stage: String, _ plan: StagePlan, _ planned: PlannedPipeline)
    -> String?
  {
    guard let found = planned.pipeline.stages.first(where: { $0.name.text == stage }),
      found.kind.isDoneAtPublication
    else { return nil }
    return plan.steps.first?.text
  }

  /// SQL that makes the rows which a stage makes in memory.
  private func show(_ rows: RelationPlan, of stage: String, _ planned: PlannedPipeline) throws {
    do throws(UnprintableRows) {
      Console.data(try StageSQL(rows, of: stage, in: planned).text)
    } catch {
      throw CommandFailure(
        "the rows of stage '\(stage)' cannot be said in SQL: \(error); look at them with roost preview",
        .wrongFiles)
    }
  }

  private func show(_ publication: PublicationStatements) throws {
    Console.data(
      "-- to \(publication.connection), in the transaction that publishes the run, whose number is :run_id"
    )
    for table in publication.creates {
      Console.data("-- where it is not there:\n\(try table.definition);")
    }
    for statement in publication.statements { Console.data("\(statement.text);") }
  }
}
