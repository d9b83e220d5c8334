import Expressions
import Frames
import Relations

/// Puts relations together as they are known at an as-of.
public struct UnionOperation: RowOperation {
  enum Rows {
    case seen
    /// Those that are not valid any more too.
    case history
    /// Those that no as-of sees.
    case undated
  }

  let union: Union
  let shape: RelationShape
  let parts: [SourceRelation]
  var rows = Rows.seen

  func taking(_ rows: Rows) -> UnionOperation {
    var operation = self
    operation.rows = rows
    return operation
  }

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> RowOutcome {
    var frames: [Frame] = []
    for part in parts {
      let asOf = context.asOf
      switch rows {
      case .seen: frames.append(try await part.frame(asOf: asOf))
      case .history: frames.append(try await part.history(asOf: asOf))
      case .undated:
        frames.append(try await part.undatedRows(asOf: asOf) ?? .empty(part.shape.schema))
      }
    }
    return RowOutcome(frame: try union.combined(frames, shape), changed: 0)
  }
}

extension Union {
  /// The rows of frames, one for each relation.
  /// - Parameter shape: of what comes out.
  func combined(_ frames: [Frame], _ shape: RelationShape) throws -> Frame {
    let names = shape.schema.names.filter { $0 != source }
    for frame in frames { for name in names { _ = try frame.column(name) } }
    guard var all = Frame.concatenating(frames.map { $0.selecting(names) }) else {
      return .empty(shape.schema)
    }
    if let source, let field = shape.schema[source] {
      let texts = zip(self.names, frames).flatMap { Array(repeating: $0, count: $1.rowCount) }
      all = all.setting(field, to: Column(texts: texts))
    }
    return Frame(schema: shape.schema, columns: all.columns, rowCount: all.rowCount)
      .ordered(by: shape.key)
  }
}
