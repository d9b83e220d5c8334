import Frames
import Relations

/// A plan and the rows of the stages that it reads.
public struct ConformanceCase: Sendable {
  /// Tells it from the others, so that it can be made again.
  public let seed: UInt64
  public let plan: RelationPlan
  /// All rows of each stage, also those that are known later than the as-of or never.
  public let tables: [String: GeneratedTable]
  /// That of the run; what is known later does not exist.
  public let asOf: Instant
  /// The instant at which the rows are asked for, not after the as-of: a cutoff of the past, or tonight.
  public let askedAt: Instant
  public let zone: CalendarZone
  /// What is done, in the order in which it is done.
  public var labels: [String] { plan.steps.map(\.text) }
}

/// Rows of a stage as they may come from a shop.
public struct GeneratedTable: Sendable {
  public let shape: RelationShape
  public let frame: Frame
}

/// An engine as the suite asks it.
///
/// Whoever writes a new engine writes one of these, and runs `EngineConformance` with it.
public protocol ConformingEngine: Sendable {
  /// What an engine makes of a case at its as-of.
  func outcome(of example: ConformanceCase) async throws -> EngineOutcome
  /// The label of each entity at a cutoff.
  func outcome(of example: LabelCase) async throws -> EngineOutcome
  /// What is measured for a check, as one row of the case's shape.
  func outcome(of example: CheckCase) async throws -> EngineOutcome
}

/// A label, the entities that have it, and the rows that decide.
public struct LabelCase: Sendable {
  public let seed: UInt64
  public let label: LabelPlan
  /// One column, with each entity once.
  public let entities: RelationPlan
  public let rows: RelationPlan
  public let tables: [String: GeneratedTable]
  /// Rows are seen by this.
  public let asOf: Instant
  public let cutoff: Instant
  public let zone: CalendarZone

  /// What comes out: the entity, and its label.
  public var shape: RelationShape {
    let entity = entities.shape.schema.fields.first ?? Field("id", .int8)
    return RelationShape(
      schema: Schema([entity, Field(label.name, .bool)]), key: [entity.name])
  }
}

/// What became of a case.
public enum EngineOutcome: Sendable {
  /// The rows, in any order, with the columns of the plan's shape in theirs.
  case rows(Frame)
  /// The rows are not such as the plan says.
  case failure(String)
  /// An expression has no value for a row. An engine may leave out what nobody needs, and so not find it.
  case noValue(String)
  /// The engine cannot say it, and says so before it does anything.
  case inexpressible(String)
}
