import Frames

/// Rows that a stage reads of a source, by one SELECT. Engines are handed them as they were read.
public struct Scan: Sendable {
  /// The stage.
  public let stage: String
  public let connection: String
  /// The SELECT in parentheses, as it stands in a FROM clause.
  public let subquery: String
  /// The columns as the source has them.
  public let source: Schema
  /// Columns whose times say no zone, and are made instants in one as they are read.
  public let zones: [String: CalendarZone]
  /// Whether NaN and infinities are read as null.
  public let dropsNonFinite: Bool
  /// What is hashed as it is read.
  public let hash: RowStep.Hash?
  /// Of what it hands on.
  public let shape: RelationShape
  /// Where the columns come from.
  public let lineage: StageLineage

  public init(
    stage: String, connection: String, subquery: String, source: Schema,
    zones: [String: CalendarZone], dropsNonFinite: Bool, hash: RowStep.Hash?,
    shape: RelationShape, lineage: StageLineage
  ) {
    self.stage = stage
    self.connection = connection
    self.subquery = subquery
    self.source = source
    self.zones = zones
    self.dropsNonFinite = dropsNonFinite
    self.hash = hash
    self.shape = shape
    self.lineage = lineage
  }
}
