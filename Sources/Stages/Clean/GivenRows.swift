import Frames
import MemoryEngine
import PipelineFiles
import Relations

extension CleanPlan {
  /// Rows as they would have been cleaned; later stages see those that were known by their as-of.
  func relation(of given: Frame, zone: CalendarZone) throws -> (any Relation)? {
    try SourceRelation(
      shape: relation, zone: zone, base: given, undated: UndatedRows(of: given, relation))
  }
}
