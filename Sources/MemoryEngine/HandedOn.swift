import Expressions
import Frames
import Relations

/// Takes the rows that another relation has at an as-of, whatever rows it is given.
struct HandedOn: RowOperation {
  let relation: any Relation

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> RowOutcome {
    RowOutcome(frame: try await relation.frame(asOf: context.asOf), changed: 0)
  }
}

extension SourceRelation {
  /// Any relation as rows with steps that are repeated for every as-of.
  public init(_ relation: any Relation) {
    if let relation = relation as? SourceRelation {
      self = relation
    } else {
      self.init(
        shape: relation.shape, zone: relation.zone, base: .empty(relation.shape.schema),
        visibility: .always, pending: [.handedOn(relation)])
    }
  }
}

extension Frame {
  /// No rows.
  public static func empty(_ schema: Schema) -> Frame {
    Frame(
      schema: schema, columns: schema.fields.map { ColumnBuilder(type: $0.type).build() },
      rowCount: 0)
  }
}
