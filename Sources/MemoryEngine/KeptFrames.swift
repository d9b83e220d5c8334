import Frames
import Relations

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
