import Diagnostics
import Frames
import PostgresFacts
import Relations

/// A pipeline with a plan for every stage.
public struct PlannedPipeline: Sendable {
  public let pipeline: Pipeline
  public let asOf: Instant
  /// What makes the rows that its plans mean.
  public let engine: any Engine
  public let plans: [String: StagePlan]

  public func plan(of stage: Stage) -> StagePlan? { plans[stage.name.text] }
}

/// How far the planning of a pipeline went.
public struct Planning: Sendable {
  /// All of it, where nothing is wrong.
  public let planned: PlannedPipeline?
  /// The stages that could be planned, in their order.
  package let parts: [(stage: Stage, plan: StagePlan)]
  /// Whether every stage that makes tables is among them.
  package let knowsTables: Bool
  /// The tables that they write or make, each with where it is named.
  public let tables: [PlannedTable]
}

/// A table that a run of the pipeline writes into or makes.
public struct PlannedTable: Sendable {
  public enum Content: Sendable {
    case published(TargetTable)
    /// A table of a stage's own SQL.
    case made(CreatedTable)
  }

  /// In the environment that is published to.
  public let name: QualifiedName
  public let content: Content
  public let place: SourceSpan
}

/// The stages that were planned so far, in their order and by name.
struct PlannedStages {
  private(set) var list: [(stage: Stage, plan: StagePlan)] = []
  private(set) var plans: [String: StagePlan] = [:]

  mutating func add(_ stage: Stage, _ plan: StagePlan) {
    list.append((stage, plan))
    plans[stage.name.text] = plan
  }
}

/// Plans the stages of a pipeline one after the other, so that each sees the shapes of those before
/// it. Moves no data.
public struct Planner {
  private let pipeline: Pipeline
  private let project: Project
  private let asOf: Instant
  private let engine: any Engine
  private let environment: [String: String]
  private let publishing: PublishingEnvironment
  private let report: Report
  private let kinds: [String: any StageKind]

  public init(
    _ pipeline: Pipeline, in project: Project, asOf: Instant, engine: any Engine,
    environment: [String: String], publishing: PublishingEnvironment, report: Report
  ) {
    self.pipeline = pipeline
    self.project = project
    self.asOf = asOf
    self.engine = engine
    self.environment = environment
    self.publishing = publishing
    self.report = report
    kinds = Dictionary(
      pipeline.stages.map { ($0.name.text, $0.kind) }, uniquingKeysWith: { a, _ in a })
  }

  /// What the stages want to know of databases.
  public func questions() -> [CatalogQuestion] {
    let offline = CatalogFacts(isOffline: true)
    return pipeline.stages.flatMap { $0.kind.questionsAsked(context($0, offline)) }
      + (roleQuestion.map { [$0] } ?? [])
  }

  private var roleQuestion: CatalogQuestion? {
    project.settings.grantTo.map { .role($0.text, connection: project.settings.state.text) }
  }

  private func checkRole(_ catalog: CatalogFacts) {
    guard let role = project.settings.grantTo, let question = roleQuestion,
      case .role(exists: false) = catalog.answer(to: question)
    else { return }
    report.error(
      .unknownRole, "the database has no role '\(role.text)'", at: role.span,
      help: "CREATE ROLE \(role.text), or leave grant_to out")
  }

  /// What is done at publication is done after everything else.
  private func checkOrder() {
    let last = Set(
      pipeline.stages.filter { $0.kind.isDoneAtPublication }.map(\.name.text))
    for stage in pipeline.stages where !last.contains(stage.name.text) {
      for name in stage.uses where last.contains(name.text) && !stage.kind.inputs.contains(name) {
        report.error(
          .wrongInput,
          "stage '\(stage.name.text)' cannot wait for '\(name.text)', whose SQL runs when the run is published",
          at: name.span, help: "remove it here; what comes after it must be an sql stage too")
      }
    }
  }

  /// Every table is made by one stage.
  private func checkTables(_ catalog: CatalogFacts) {
    var owners: [QualifiedName: Stage] = [:]
    for stage in pipeline.stages {
      let made = stage.kind.tablesMade(context(stage, catalog))
      let taken = made.first { owners[$0.name] != nil }
      if let taken, let owner = owners[taken.name] {
        let isPlain = [owner, stage].allSatisfy { !$0.kind.isDoneAtPublication }
        report.error(
          .targetConflict,
          "stages '\(owner.name.text)' and '\(stage.name.text)' both \(isPlain ? "publish" : "make") \(taken.name)",
          at: taken.span, help: "give one of the tables another name")
      }
      for table in made { owners[table.name] = stage }
    }
  }

  /// A plan for every stage; nil when something is wrong, which the report then says.
  public func plan(_ catalog: CatalogFacts) -> PlannedPipeline? { planning(catalog).planned }

  /// Plans as far as it goes. Stages that depend on a wrong one are left out without further messages.
  public func planning(_ catalog: CatalogFacts) -> Planning {
    var done = PlannedStages()
    let planned = plan(catalog, &done)
    let names = Set(done.plans.keys)
    return Planning(
      planned: planned, parts: done.list,
      knowsTables: pipeline.stages.allSatisfy { stage in
        names.contains(stage.name.text)
          || stage.kind.tablesMade(context(stage, catalog)).isEmpty
            && !stage.kind.isDoneAtPublication
      }, tables: tables(of: done, catalog))
  }

  private func tables(of done: PlannedStages, _ catalog: CatalogFacts) -> [PlannedTable] {
    done.list.flatMap { stage, plan in
      let made = stage.kind.tablesMade(context(stage, catalog))
      let published = plan.tables.map { table in
        PlannedTable(
          name: publishing.resolve(table.name), content: .published(table),
          place: made.first { $0.name == table.name }?.span ?? stage.name.span)
      }
      return published
        + (plan.atPublication?.creates ?? []).map {
          PlannedTable(name: $0.name, content: .made($0), place: $0.span)
        }
    }
  }

  private func plan(
    _ catalog: CatalogFacts, _ done: inout PlannedStages
  ) -> PlannedPipeline? {
    let before = report.errorCount
    checkRole(catalog)
    checkOrder()
    checkTables(catalog)
    for stage in pipeline.stages {
      guard let plan = stage.kind.plan(context(stage, catalog, done)) else { continue }
      done.add(stage, plan)
    }
    guard report.errorCount == before else { return nil }
    let plans = done.plans
    if let lost = pipeline.stages.first(where: { plans[$0.name.text] == nil }) {
      // Without the databases' answers extracts cannot be planned, nor what depends on them; nor what
      // depends on a stage that could not be read, which was said before.
      if !catalog.isOffline, !report.hasErrors {
        report.error(
          .notPlanned, "stage '\(lost.name.text)' could not be planned, and nothing says why",
          at: lost.name.span, help: "this is a mistake in roost; please report it")
      }
      return nil
    }
    let planned = PlannedPipeline(
      pipeline: pipeline, asOf: asOf, engine: engine, plans: plans
    ).asked()
    planned.checkUnread(report)
    return report.errorCount == before ? planned : nil
  }

  private func context(
    _ stage: Stage, _ catalog: CatalogFacts, _ planned: PlannedStages = PlannedStages()
  ) -> PlanContext {
    PlanContext(
      report: report, project: project, pipeline: pipeline, asOf: asOf, catalog: catalog,
      environment: environment, publishing: publishing, stage: stage.name,
      kinds: kinds, planned: planned)
  }
}
