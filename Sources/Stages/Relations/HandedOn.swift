import Expressions
import Frames
import PipelineFiles

/// Takes the rows that another relation has at an as-of, whatever rows it is given.
struct HandedOn: CleanOperation {
  let relation: any Relation

  var isAsOf: Bool { true }
  var label: String { "take the rows as known at the as-of" }

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> CleanOutcome {
    CleanOutcome(frame: try await relation.frame(asOf: context.asOf), changed: 0)
  }
}

extension SourceRelation {
  /// Any relation as rows with steps that are repeated for every as-of.
  /// - Parameter zone: the zone in which times without one are read, where the relation has none.
  init(_ relation: any Relation, zone: CalendarZone) {
    if let relation = relation as? SourceRelation {
      self = relation
    } else {
      self.init(
        shape: relation.shape, zone: zone, base: .empty(relation.shape.schema),
        visibility: .always, pending: [HandedOn(relation: relation)])
    }
  }
}

extension Frame {
  /// No rows.
  static func empty(_ schema: Schema) -> Frame {
    Frame(
      schema: schema, columns: schema.fields.map { ColumnBuilder(type: $0.type).build() },
      rowCount: 0)
  }
}
