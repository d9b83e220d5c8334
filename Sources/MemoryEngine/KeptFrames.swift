import Frames
import Relations

/// Names of the frames that are kept of relations.
enum KeptName {
  /// All rows known before the run's as-of.
  static let base = "base"
  /// The rows at the run's as-of.
  static let rows = "rows"
  /// Rows that no as-of sees.
  static let undated = "undated"
  /// What is published beside the rows, by table.
  static func beside(_ table: String) -> String { "beside \(table)" }
}

extension [String: Frame] {
  func kept(_ name: String) throws -> Frame {
    guard let frame = self[name] else {
      throw StageFailure("the checkpoint holds no rows called \(name)")
    }
    return frame
  }
}

extension SourceRelation {
  /// Those columns that others use, and those that tell when rows are seen.
  public func keptFrames(columns: Set<String>?) -> [String: Frame]? {
    // Steps to come may read any column.
    let columns = isDone ? columns : nil
    func narrowed(_ frame: Frame) -> Frame {
      guard let columns else { return frame }
      let own = shape.own
      return frame.selecting(
        frame.schema.names.filter { columns.contains($0) || own.contains($0) })
    }
    var kept = [KeptName.base: narrowed(base)]
    if let undated, undated.areDone { kept[KeptName.undated] = narrowed(undated.rows) }
    // Without steps to come, the rows at the as-of follow from the others at once.
    if !isDone, let remembered { kept[KeptName.rows] = narrowed(remembered.frame) }
    return kept
  }

  /// The rows that a source was read to, again.
  public init(
    kept frames: [String: Frame], shape: RelationShape, zone: CalendarZone, asOf: Instant
  ) throws {
    try self.init(
      shape: shape, zone: zone, base: try frames.kept(KeptName.base),
      undated: frames[KeptName.undated].map { UndatedRows(rows: $0) })
    remember(frames, asOf: asOf)
  }

  /// Takes the rows at the as-of from what was kept.
  mutating func remember(_ frames: [String: Frame], asOf: Instant) {
    if let rows = frames[KeptName.rows] {
      remembered = (asOf, rows)
    } else if isDone {
      remembered = (asOf, rows(before: asOf))
    }
  }
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

extension FeatureRelation {
  public func keptFrames(columns: Set<String>?) -> [String: Frame]? {
    remembered.map { [KeptName.rows: $0.frame] }
  }

  /// The features with the rows at the as-of that were kept.
  public func remembering(_ frames: [String: Frame], asOf: Instant) throws -> FeatureRelation {
    var features = self
    features.remembered = (asOf, try frames.kept(KeptName.rows))
    return features
  }
}

extension WholeHistory {
  public func keptFrames(columns: Set<String>?) -> [String: Frame]? { nil }
}
