import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Reads texts as values of another type.
struct Cast: Record, CleanStepKind {
  static let name = "cast"
  static let about = "Reads texts as values of other types, as Postgres's cast does."
  let columns: EntriesByName<ColumnName, ColumnTypeName>
  let otherwise: RowStep.Read.Fallback

  init(_ keys: inout Keys) {
    columns = keys("to", "Columns of texts, each with the type that it is to have.")
    otherwise = keys(
      "otherwise",
      "What becomes of a text that is no such value: it becomes null and is counted, or its row is "
        + "rejected.", default: .null, shown: "null")
  }

  var canReject: Bool { otherwise == .reject }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    let before = context.report.errorCount
    var fields: [Field] = []
    for entry in columns.entries {
      let name = entry.name
      guard let field = context.textField(name, in: shape, for: "cast") else { continue }
      let target = entry.value.type
      guard TextReading(as: target) != nil else {
        context.report.error(
          .wrongType, "texts cannot be read as \(target.sqlName)", at: entry.value.span,
          help: "name a type of numbers, times, true or false, or uuid")
        continue
      }
      var made = Field.made(field.name, target, from: [field], about: field.about)
      if otherwise == .null { made.isNullable = true }
      fields.append(made)
    }
    guard context.report.errorCount == before, fields.count == columns.entries.count else {
      for entry in columns.entries { shape.schema.markUnknown(entry.name.text) }
      return nil
    }
    return .read(.init(fields, otherwise: otherwise))
  }
}

extension PlanContext {
  /// The field of a column of texts that a step may change, or a message.
  /// - Parameter verb: what the step does to it: "cast".
  func textField(_ name: ColumnName, in shape: RelationShape, for verb: String) -> Field? {
    guard let field = field(name, in: shape.schema, of: "the input") else { return nil }
    let before = report.errorCount
    refuseChange(of: name, in: shape)
    if field.type != .text {
      report.error(
        .wrongType,
        "'\(field.name)' is of type \(field.type.sqlName), and only texts can be \(verb)",
        at: name.span,
        help: "make it a text before: set: { \(field.name): "
          + "\(ColumnSQL.name(field.name))::text }")
    }
    return report.errorCount == before ? field : nil
  }
}

extension RowStep.Read.Fallback: Choice {}
