import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// A stage whose rows operators say all of: what is known of it, what it needs and where its columns come
/// from follows from these.
protocol RelationalPlan: StagePlan {
  var rows: RelationPlan { get }
}

extension RelationalPlan {
  var shape: StageShape { .relation(rows.shape) }
  var relational: RelationPlan? { rows }
  var lineage: StageLineage { rows.lineage }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    rows.needs(wanted)[input] ?? nil
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] { rows.steps }
}

/// One whose rows, where a test gives them in place of its work, are known from their times on, as those
/// of a source are.
protocol DatedRows: RelationalPlan {}

extension DatedRows {
  func relation(of given: Frame, zone: CalendarZone) throws -> (any Relation)? {
    try SourceRelation(
      shape: rows.shape, zone: zone, base: given, undated: UndatedRows(of: given, rows.shape))
  }
}
