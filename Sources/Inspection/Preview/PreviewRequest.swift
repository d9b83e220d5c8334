import Diagnostics
import Expressions
import Frames
import PipelineFiles
import PostgresClient
import Relations

/// What somebody wants to see of a stage.
public struct PreviewWishes: Sendable {
  public var stage: String
  /// Only rows for which this is true; an expression over the stage's columns.
  public var condition: Snippet?
  /// Only rows that agree with others in these columns.
  public var repeats: [Snippet]?
  /// Only rows whose value in a column stands in no row of another stage's: `user_id=users.user_id`.
  public var missing: Snippet?
  /// Only these columns, in this order.
  public var columns: [Snippet]?
  /// How many rows at most.
  public var limit: Int
  /// Look at this share of the entities only.
  public var sample: Share?

  public init(
    stage: String, condition: Snippet? = nil, repeats: [Snippet]? = nil,
    missing: Snippet? = nil, columns: [Snippet]? = nil, limit: Int = 20, sample: Share? = nil
  ) {
    self.stage = stage
    self.condition = condition
    self.repeats = repeats
    self.missing = missing
    self.columns = columns
    self.limit = limit
    self.sample = sample
  }
}

/// A stage to be looked at, with all that it needs; checked.
public struct PreviewRequest: Sendable {
  /// The stage and those before it.
  public let planned: PlannedPipeline
  let stage: Stage
  /// Whether there are rows to see; otherwise there is a report.
  public var makesRows: Bool { schema != nil }
  /// The columns of the rows that are shown; nil for a stage that makes no rows.
  let schema: Schema?
  let condition: TypedExpression?
  /// Columns in which the rows that are shown agree with others; nil where that does not matter.
  let repeats: [String]?
  /// A column, and another stage's column in which its values do not stand.
  let missing: (column: String, other: StageColumn)?
  /// Nil for all.
  let columns: [String]?
  let limit: Int
  let sample: EntitySample?
  /// The databases by name: those that the stages use.
  let connections: [String: ConnectionString]
  let holdoutKey: Secret?
}
