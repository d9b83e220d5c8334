import Diagnostics
import Expressions
import Frames
import PostgresFacts
import Relations

/// What a stage kind may use to plan itself.
public struct PlanContext {
  public let report: Report
  public let project: Project
  /// The zone in which the pipeline cuts days.
  public let zone: CalendarZone
  /// The run's as-of, or the one that a run now would have.
  public let asOf: Instant
  public let parameters: [String: Snippet]
  public let catalog: CatalogFacts
  /// Where tables are published.
  public let publishing: PublishingEnvironment
  /// The pipeline's name.
  public let pipeline: String
  /// The stage's own name and where it stands.
  public let stage: StageName
  private let environment: [String: String]
  private let stages: [Stage]
  private let written: [Stage]
  private let kinds: [String: any StageKind]
  /// The stages that were planned before this one.
  private let planned: PlannedStages

  init(
    report: Report, project: Project, pipeline: Pipeline, asOf: Instant, catalog: CatalogFacts,
    environment: [String: String], publishing: PublishingEnvironment, stage: StageName,
    kinds: [String: any StageKind], planned: PlannedStages
  ) {
    self.report = report
    self.project = project
    zone = pipeline.zone
    self.asOf = asOf
    parameters = pipeline.parameters
    self.catalog = catalog
    self.environment = environment
    self.publishing = publishing
    self.pipeline = pipeline.name
    self.stage = stage
    stages = pipeline.stages
    written = pipeline.written
    self.kinds = kinds
    self.planned = planned
  }

  /// The key that encrypts personal data that is kept; nil where none is set.
  public var stateKey: Secret? {
    environment[StateFolder.keyVariable].flatMap { $0.isEmpty ? nil : Secret($0) }
  }

  /// The names of the columns that stages call the entity's.
  public var entityColumns: Set<String> {
    Set(stages.compactMap { $0.kind.namedEntity?.column })
  }

  /// A value from the environment; nil, with a message, where it is not set.
  @discardableResult
  public func require(_ value: Deferred) -> Secret? {
    value.resolve(Reader(report: report, environment: environment))
  }

  /// The way that personal data took to a column of a stage, from where it is read:
  /// `users.email → people.contact`.
  public func personalPath(to column: String, of stage: StageName) -> String {
    let graph = LineageGraph(
      planned.list.map { ($0.stage.name.text, $0.stage.kindName, $0.plan.lineage) })
    return graph.personalPath(to: StageColumn(stage.text, column), planned.plans)
  }

  /// The stages whose companions this one publishes.
  public var companionSources: [StageName] {
    stages.first { $0.name == stage }?.companionSources ?? []
  }

  /// Names of the tables that are published beside a stage's rows.
  public func companions(of name: StageName) -> [String] {
    kinds[name.text]?.tablesBeside.map(\.text) ?? []
  }

  /// The stages that publish rows which come from this one, directly or not.
  public var publishers: [Stage] { CompanionPublishers(stages).publishers(of: stage) }

  /// Whether the rows that this one publishes are chosen anew every night.
  public var isOfChosenRows: Bool { !CompanionPublishers(stages).sources(of: stage).isEmpty }

  /// Stages from which this one has its rows and whose companions no stage publishes.
  public var sourcesOfLostCompanions: [StageName] { CompanionPublishers(stages).lost(by: stage) }

  /// The stage of the pipeline in whose name a run makes a table; nil where there is none.
  public func maker(of table: QualifiedName) -> Stage? {
    stages.first { $0.kind.tablesMade(self).contains { $0.name == table } }
  }

  /// The stage without inputs whose rows a stage hands on, step by step: of a clean stage the extract
  /// behind it. Nil where they are made from several stages.
  public func origin(of name: StageName) -> Stage? { origin(of: name, among: stages) }

  private func origin(of name: StageName, among stages: [Stage]) -> Stage? {
    var stage = stages.first { $0.name == name }
    for _ in stages {
      guard let inputs = stage?.kind.inputs, inputs.count == 1 else { break }
      stage = stages.first { $0.name == inputs[0] }
    }
    return stage.flatMap { $0.kind.inputs.isEmpty ? $0 : nil }
  }

  /// Columns of this stage that one behind it, which works on its rows alone, reads as addresses or numbers
  /// of persons: of an extract those that clean stages of the file bring into their form.
  public var contacts: [ColumnName] {
    written.filter { later in
      later.kind.inputs.count == 1
        && origin(of: later.kind.inputs[0], among: written)?.name == stage
    }.flatMap(\.kind.contactColumns)
  }

  /// The shape of a stage before this one: nil when that stage could not be planned, which was said
  /// there.
  public func shape(_ name: StageName) -> StageShape? { planned.plans[name.text]?.shape }

  /// The shape of a stage that must hand on rows.
  public func relation(_ name: StageName) -> RelationShape? {
    guard let shape = shape(name) else { return nil }
    if case .relation(let relation) = shape { return relation }
    report.error(
      .wrongInput,
      "stage '\(name.text)' is of kind \(kinds[name.text].map { type(of: $0).kind } ?? "?") and hands on no rows",
      at: name.span, help: "name a stage that makes rows")
    return nil
  }

  /// The shape of a stage that must hand on a thing of some type.
  /// - Parameters:
  ///   - what: what it is called in messages: "model".
  ///   - kind: of the stages that make one.
  public func artifact<S: ArtifactShape>(
    _ name: StageName, as type: S.Type, what: String, from kind: String
  ) -> S? {
    guard let shape = shape(name) else { return nil }
    if case .artifact(let artifact as S) = shape { return artifact }
    report.error(
      .wrongInput, "stage '\(name.text)' makes no \(what)", at: name.span,
      help: "name a stage of kind \(kind)")
    return nil
  }

  /// The field of a column, or a message with the nearest name; nil without one where nothing can be
  /// said of the column.
  public func field(_ column: ColumnName, in schema: Schema, of owner: String) -> Field? {
    if schema.unknown.contains(column.text) { return nil }
    if let field = schema[column.text] { return field }
    if let why = schema.unread[column.text] {
      report.error(
        .unknownColumn, "the column '\(column.text)' of \(owner) \(why)", at: column.span,
        help: "read the table with a SELECT that casts it or leaves it out")
      return nil
    }
    report.error(
      .unknownColumn, "\(owner) has no column '\(column.text)'", at: column.span,
      help: Suggestion.help(forColumn: column.text, in: schema))
    return nil
  }
}
