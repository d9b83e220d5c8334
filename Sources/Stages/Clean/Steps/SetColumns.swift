import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// Gives columns the values of expressions, all of which see the row as it was before the step.
struct SetColumns: Readable {
  let assignments: Entries<Expression>

  static var shape: Shape { Entries<Expression>.shape }
  static var blank: Self { Self(assignments: .blank) }

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    Entries<Expression>.read(node, reader).map(Self.init)
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> SetOperation? {
    let before = context.report.errorCount
    var typed: [(Field, TypedExpression)] = []
    for assignment in assignments.entries {
      let name = assignment.name
      guard let expression = assignment.value.typed(in: shape.schema, context.report) else {
        continue
      }
      context.refuseChange(of: name, in: shape)
      typed.append(
        (
          Field(
            name.text, expression.type, isNullable: expression.isNullable,
            isPersonal: expression.isPersonal,
            changesInPlace: shape.schema.any(of: expression.columns, \.changesInPlace),
            isFromManyRows: shape.schema.any(of: expression.columns, \.isFromManyRows),
            followsAsOf: expression.columns.isEmpty
              ? expression.dependsOnAsOf
              : expression.columns.allSatisfy { shape.schema[$0]?.followsAsOf == true },
            labels: expression.labels, about: shape.schema[name.text]?.about),
          expression
        ))
    }
    guard context.report.errorCount == before, typed.count == assignments.entries.count else {
      for assignment in assignments.entries { shape.schema.markUnknown(assignment.name.text) }
      return nil
    }
    for (field, _) in typed { shape.schema.set(field) }
    return SetOperation(settings: typed)
  }
}

struct SetOperation: CleanOperation {
  let settings: [(field: Field, expression: TypedExpression)]

  var assignments: [(column: String, from: Set<String>, by: String)] {
    settings.map { ($0.field.name, $0.expression.columns, $0.expression.text) }
  }
  var reads: Set<String>? {
    settings.reduce(into: []) { columns, setting in
      columns.formUnion(setting.expression.columns)
      // What a value was before tells whether it changed.
      columns.insert(setting.field.name)
    }
  }
  var isAsOf: Bool { settings.contains { $0.expression.dependsOnAsOf } }
  var label: String { "set \(settings.map(\.field.name).joined(separator: ", "))" }

  func apply(to frame: Frame, in context: EvaluationContext) throws -> CleanOutcome {
    var result = frame
    var isChanged = [Bool](repeating: false, count: frame.rowCount)
    for (field, expression) in settings {
      let column = try expression.evaluate(over: frame, in: context)
      if let old = frame[field.name], old.type == column.type {
        old.markDifferences(from: column, in: &isChanged)
      } else {
        isChanged = Array(repeating: true, count: frame.rowCount)
      }
      result = result.setting(field, to: column)
    }
    return CleanOutcome(frame: result, changed: isChanged.count { $0 })
  }
}

extension Column {
  /// Marks the rows in which a column of the same type and length differs.
  func markDifferences(from other: Column, in marks: inout [Bool]) {
    let both = Grouping(
      by: [Column.concatenating([self, other])], rowCount: count + other.count
    ).groups
    for row in 0..<count where both[row] != both[row + count] { marks[row] = true }
  }
}
