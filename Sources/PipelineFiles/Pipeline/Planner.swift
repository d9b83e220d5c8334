import Diagnostics
import Frames

/// A pipeline with a plan for every stage.
public struct PlannedPipeline: Sendable {
  public let pipeline: Pipeline
  public let asOf: Instant
  public let plans: [String: any StagePlan]

  public func plan(of stage: Stage) -> (any StagePlan)? { plans[stage.name.text] }
}

/// Plans the stages of a pipeline one after the other, so that each sees the shapes of those before
/// it. Moves no data.
public struct Planner {
  private let pipeline: Pipeline
  private let project: Project
  private let asOf: Instant
  private let report: Report

  public init(_ pipeline: Pipeline, in project: Project, asOf: Instant, report: Report) {
    self.pipeline = pipeline
    self.project = project
    self.asOf = asOf
    self.report = report
  }

  /// What the stages want to know of databases.
  public func questions() -> [CatalogQuestion] {
    pipeline.stages.flatMap { stage in
      stage.kind.questions(context(stage, CatalogFacts(isOffline: true), shapes: [:]))
    }
  }

  /// A plan for every stage; nil when something is wrong, which the report then says. Stages that
  /// depend on a wrong one are left out without further messages.
  public func plan(_ catalog: CatalogFacts) -> PlannedPipeline? {
    let before = report.errorCount
    var shapes: [String: StageShape] = [:]
    var plans: [String: any StagePlan] = [:]
    for stage in pipeline.stages {
      guard let plan = stage.kind.plan(context(stage, catalog, shapes: shapes)) else { continue }
      shapes[stage.name.text] = plan.shape
      plans[stage.name.text] = plan
    }
    guard report.errorCount == before, plans.count == pipeline.stages.count else { return nil }
    return PlannedPipeline(pipeline: pipeline, asOf: asOf, plans: plans)
  }

  private func context(
    _ stage: Stage, _ catalog: CatalogFacts, shapes: [String: StageShape]
  ) -> PlanContext {
    PlanContext(
      report: report, project: project, zone: pipeline.zone, asOf: asOf,
      parameters: pipeline.parameters, catalog: catalog, stage: stage.name,
      kinds: Dictionary(
        pipeline.stages.map { ($0.name.text, $0.kindName) }, uniquingKeysWith: { a, _ in a }),
      shapes: shapes)
  }
}
