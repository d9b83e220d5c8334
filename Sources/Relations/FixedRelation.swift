import Frames

/// A relation that exists at the run's as-of only, such as scores.
public struct FixedRelation: Relation {
  public let shape: RelationShape
  public let zone: CalendarZone
  public let asOf: Instant
  public let frame: Frame
  /// Relations that are published beside it, by table name.
  public let beside: [String: FixedRelation]
  /// What is said to whoever asks for another as-of.
  private let refusal: StageFailure

  public init(
    shape: RelationShape, zone: CalendarZone, asOf: Instant, frame: Frame,
    beside: [String: FixedRelation] = [:],
    refusal: StageFailure = StageFailure(
      "rows that were made for one as-of were asked for another",
      help: "train on features, not on what is made from a model")
  ) {
    self.shape = shape
    self.zone = zone
    self.asOf = asOf
    self.frame = frame
    self.beside = beside
    self.refusal = refusal
  }

  public func frame(asOf: Instant) async throws -> Frame {
    guard asOf == self.asOf else { throw refusal }
    return frame
  }

  public var companions: [String: any Relation] { beside }
  public func histories(in zone: CalendarZone) -> [RelationHistory] { [] }
  public func history(asOf: Instant) async throws -> Frame { try await frame(asOf: asOf) }
  public func undatedRows(asOf: Instant) async throws -> Frame? { nil }
}

extension FixedRelation {
  public func keptFrames(columns: Set<String>?) -> [String: Frame]? {
    var kept = [KeptName.rows: frame]
    for (table, relation) in beside { kept[KeptName.beside(table)] = relation.frame }
    return kept
  }

  /// Rows that exist at the run's as-of only, again.
  public init(kept frames: [String: Frame], shape: RelationShape, _ facts: RunFacts) throws {
    var beside: [String: FixedRelation] = [:]
    for (table, shape) in shape.companions {
      beside[table] = FixedRelation(
        shape: shape, zone: facts.zone, asOf: facts.asOf,
        frame: try frames.kept(KeptName.beside(table)))
    }
    self.init(
      shape: shape, zone: facts.zone, asOf: facts.asOf, frame: try frames.kept(KeptName.rows),
      beside: beside)
  }
}
