import Frames
import PipelineFiles

extension CleanPlan {
  /// Rows as they would have been cleaned; later stages see those that were known by their as-of.
  func relation(of given: Frame, zone: CalendarZone) -> (any Relation)? {
    var cleaned = SourceRelation(
      shape: relation, zone: zone, base: given,
      visibility: relation.visibility(of: given, zone: zone), pending: [])
    cleaned.undated = UndatedRows(of: given, relation)
    return cleaned
  }
}
