import Frames
import Relations

/// What a running stage may use. Made by whoever executes the run.
public protocol StageContext: Sendable {
  /// The instant up to which data is seen, exclusive.
  var asOf: Instant { get }
  /// The zone in which days are cut.
  var zone: CalendarZone { get }
  /// The key for holdouts, where the project has one.
  var holdoutKey: Secret? { get }
  /// What makes the rows that plans mean.
  var engine: any Engine { get }
  /// Whether what a stage expects of its data stops it; otherwise it warns. A test gives a handful of
  /// rows, a preview may take a sample.
  var enforcesExpectations: Bool { get }
  /// Why nothing is published; nil where the run publishes.
  var unpublished: String? { get }
  /// Where a stage may keep rows from run to run; nil where nothing is kept.
  var stateFolder: StateFolder? { get }

  /// What a stage before this one handed on.
  func output(of stage: String) throws -> StageOutput
  /// The result of a SELECT on the run's snapshot of a source.
  func read(_ statement: PlannedStatement) async throws -> Frame
  /// Says that the stage has read its last row from sources: whatever it had locked there is let go.
  /// - Throws: where what was read had changed meanwhile, so that nothing of it counts.
  func sourceIsRead() async throws
  /// Loads rows that become visible, with everything else of the run, when the run is published.
  /// - Parameter objections: what speaks against publishing them. Where there is anything, the run is
  ///   held until a person approves it.
  func publish(_ frame: Frame, as table: TargetTable, objections: [String]) async throws
  /// What the latest published runs of this pipeline for earlier as-ofs kept of one of its stages,
  /// the latest first; empty where nothing was published yet, or where nobody knows.
  func pastRuns(of stage: String, atMost count: Int) async throws -> [PastStage]
  /// Records that rows about entities are kept in a folder.
  func record(_ holding: Holding) async throws
  /// Says how far the stage is.
  func progress(_ progress: StageProgress)
}

/// A context that holds what the stages before handed on.
public protocol ContextOfInputs: StageContext {
  /// The stage that runs.
  var stage: String { get }
  /// By the stages that it uses.
  var inputs: [String: StageOutput] { get }
}

extension ContextOfInputs {
  public func output(of stage: String) throws -> StageOutput {
    guard let output = inputs[stage] else {
      throw StageFailure("stage \(stage) is not one of the inputs of \(self.stage)")
    }
    return output
  }
}

/// What a published run kept of a stage.
public struct PastStage: Sendable {
  /// Rows that it made.
  public let rows: Int?
  /// What its result held for programs.
  public let details: JSONValue

  public init(rows: Int?, details: JSONValue) {
    self.rows = rows
    self.details = details
  }
}

/// How far a stage is, for a display.
public enum StageProgress: Sendable {
  case rows(Int)
  /// So many of so many, such as rounds of training.
  case steps(Int, of: Int)
}

extension StageContext {
  public var enforcesExpectations: Bool { true }
  public var unpublished: String? { nil }
  public func pastRuns(of stage: String, atMost count: Int) async throws -> [PastStage] { [] }
  public var stateFolder: StateFolder? { nil }
  public func record(_ holding: Holding) async throws {}
  public func sourceIsRead() async throws {}

  /// Loads rows against which nothing speaks.
  public func publish(_ frame: Frame, as table: TargetTable) async throws {
    try await publish(frame, as: table, objections: [])
  }

  /// What an engine knows of the run.
  public var facts: RunFacts { RunFacts(asOf: asOf, zone: zone) }

  /// The rows that a plan means, over what the stages before handed on.
  public func open(_ plan: RelationPlan) async throws -> OpenedRelation {
    try await engine.open(plan, over: try relations(of: plan), in: facts)
  }

  /// What the stages that a plan reads handed on.
  func relations(of plan: RelationPlan) throws -> [String: any Relation] {
    var stages: [String: any Relation] = [:]
    for name in plan.stages { stages[name] = try relation(name) }
    return stages
  }

  /// The relation that a stage before this one handed on.
  public func relation(_ stage: String) throws -> any Relation {
    guard case .relation(let relation) = try output(of: stage) else {
      throw StageFailure("stage \(stage) handed on no rows")
    }
    return relation
  }

  /// A thing of a known type that a stage before this one handed on.
  public func artifact<T: Artifact>(_ stage: String, as type: T.Type) throws -> T {
    guard case .artifact(let artifact as T) = try output(of: stage) else {
      throw StageFailure("stage \(stage) handed on no \(type)")
    }
    return artifact
  }
}
