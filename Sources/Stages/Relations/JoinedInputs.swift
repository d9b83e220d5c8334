import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Several relations as one: the first decides the rows, the others are joined to it on the entity's
/// key. A column name that stands in two has to be written with its stage: `scores.top_cause`.
struct JoinedInputs: Sendable {
  let stages: [String]
  /// Columns by which each input after the first is found.
  let key: [String]
  /// All columns under their plain names where these are unambiguous, and under `stage.column`.
  let schema: Schema
  /// The column that ranks rows by risk, if an input has one.
  let probability: String?
  /// The input column behind each column of `schema`.
  private let origins: [String: StageColumn]
  private let shapes: [RelationShape]

  /// Nil when the inputs do not fit, which the report then says.
  init?(_ inputs: [StageName], _ context: PlanContext) {
    let shapes = inputs.compactMap { context.relation($0) }
    guard shapes.count == inputs.count, let first = shapes.first else { return nil }
    let before = context.report.errorCount
    for (place, (name, shape)) in zip(inputs, shapes).enumerated().dropFirst() {
      if inputs[..<place].contains(name) {
        context.report.error(
          .duplicateKey, "stage '\(name.text)' stands here twice", at: name.span,
          help: "remove one of them")
      }
      Self.checkKey(of: (name, shape), against: (inputs[0], first), context.report)
    }
    guard context.report.errorCount == before else { return nil }
    stages = inputs.map(\.text)
    self.shapes = shapes
    key = first.key
    probability =
      zip(inputs, shapes).lazy
      .compactMap { name, shape in shape.probability.map { "\(name.text).\($0)" } }.first
    let parts = zip(inputs.map(\.text), shapes).map { ($0, $1.schema) }
    schema = Self.schema(parts, key: first.key)
    var origins: [String: StageColumn] = [:]
    for (stage, schema) in parts {
      for name in schema.names {
        origins["\(stage).\(name)"] = StageColumn(stage, name)
        origins[name] = origins[name] ?? StageColumn(stage, name)
      }
    }
    self.origins = origins
  }

  /// The input whose column a column of `schema` is.
  func stage(of column: String) -> String? { origins[column]?.stage }

  private static func checkKey(
    of other: (name: StageName, shape: RelationShape),
    against first: (name: StageName, shape: RelationShape),
    _ report: Report
  ) {
    guard other.shape.key == first.shape.key else {
      report.error(
        .wrongInput,
        "stage '\(other.name.text)' has the key \(other.shape.key.joined(separator: ", ")), "
          + "stage '\(first.name.text)' \(first.shape.key.joined(separator: ", "))",
        at: other.name.span, help: "only relations with one key can be joined")
      return
    }
    for column in first.shape.key {
      guard let own = other.shape.schema[column]?.type, let type = first.shape.schema[column]?.type,
        !own.isSameKey(as: type)
      else { continue }
      report.error(
        .wrongInput,
        "'\(column)' is of type \(own.sqlName) in stage '\(other.name.text)', "
          + "of type \(type.sqlName) in stage '\(first.name.text)'",
        at: other.name.span, help: "cast one of them where it is extracted")
    }
  }

  private static func schema(_ parts: [(String, Schema)], key: [String]) -> Schema {
    var counts: [String: Int] = [:]
    for (_, schema) in parts { for name in schema.names { counts[name, default: 0] += 1 } }
    var fields: [Field] = []
    for (place, part) in parts.enumerated() {
      for var field in part.1.fields {
        // What is joined may have no row.
        if place > 0 { field.isNullable = true }
        if counts[field.name] == 1 || (place == 0 && key.contains(field.name)) {
          fields.append(field)
        }
        field.name = "\(part.0).\(field.name)"
        fields.append(field)
      }
    }
    return Schema(fields)
  }

  /// The joined rows with these columns and their key.
  func rows(using used: Set<String>) -> RelationPlan {
    let columns = schema.names.compactMap { name -> Alignment.Taken? in
      guard used.contains(name), !key.contains(name), let origin = origins[name],
        let place = stages.firstIndex(of: origin.stage)
      else { return nil }
      return Alignment.Taken(input: place, column: origin.column, name: name)
    }
    return .align(
      Alignment(by: key, columns: columns), zip(stages, shapes).map(RelationPlan.stage))
  }
}

extension RelationPlan {
  /// The lineage of something that is made from some of its columns.
  func lineage(of columns: some Sequence<String>, by expressions: [String] = []) -> ColumnLineage {
    let lineage = lineage
    var merged = ColumnLineage(merging: columns.compactMap { lineage[$0] })
    merged.expressions += expressions
    return merged
  }
}
