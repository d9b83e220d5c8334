import Diagnostics
import Frames
import MemoryEngine
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

  /// Nil when the inputs do not fit, which the report then says.
  init?(_ inputs: [Name], _ context: PlanContext) {
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

  /// Of one of its stages the columns that are used, where of the joined rows only some are.
  func needs(of stage: String, _ columns: Set<String>) -> Set<String> {
    Set(columns.compactMap { origins[$0] }.filter { $0.stage == stage }.map(\.column))
      .union(key)
  }

  /// The lineage of something that is made from columns of the joined inputs.
  func lineage(of columns: some Sequence<String>, by expressions: [String] = []) -> ColumnLineage {
    ColumnLineage(from: Set(columns.compactMap { origins[$0] }), by: expressions)
  }

  private static func checkKey(
    of other: (name: Name, shape: RelationShape), against first: (name: Name, shape: RelationShape),
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

  /// Why an input cannot be joined that has several rows for one key: how many, and one of them where the
  /// key is a number or uuid of nobody in particular.
  private func severalRows(_ frame: Frame, of stage: String) throws -> StageFailure {
    let columns = try frame.columns(key)
    let names = key.joined(separator: ", ")
    let grouping = Grouping(by: columns, rowCount: frame.rowCount)
    var rows = [Int](repeating: 0, count: grouping.count)
    for group in grouping.groups { rows[Int(group)] += 1 }
    let repeated = rows.count { $0 > 1 }
    var example = ""
    let lacking = zip(key, columns).first { $1.nullCount > 1 }?.0
    let isPlain = key.allSatisfy { name in
      guard let field = schema[name] else { return false }
      return !field.isPersonal && [.int2, .int4, .int8, .uuid].contains(field.type)
    }
    if isPlain, let group = rows.firstIndex(where: { $0 > 1 }) {
      let row = Int32(grouping.firstRows[group])
      let values = columns.map { $0.isNull(Int(row)) ? "null" : $0.taking([row]).keyTexts[0] }
      example = ", such as \(values.joined(separator: ", ")) (\(rows[group]) rows)"
    }
    return StageFailure(
      "stage \(stage) must have one row for each \(names), and \(repeated) "
        + "\(repeated == 1 ? "stands" : "stand") in several\(example)",
      help: lacking.map { "reject the rows without \($0) in a clean stage before it is used here" }
        ?? "deduplicate it by \(names) in a clean stage before it is used here")
  }

  /// The joined rows at the run's as-of, in the order of the first input, and how many of each further
  /// input's rows were found, and the other way.
  /// - Parameters:
  ///   - used: the columns that are used; of the others there may be some.
  ///   - most: the share of an input's rows that may find none in the first.
  /// - Throws: `StageFailure` where an input has several rows for one key, and where more find none.
  func rows(
    _ context: any StageContext, using used: Set<String>, unmatched most: Double?
  ) async throws -> (frame: Frame, finds: [KeyFinds]) {
    var columns: [String: Column] = [:]
    var first: Frame?
    var finds: [KeyFinds] = []
    for (place, stage) in stages.enumerated() {
      var frame = try await context.relation(stage).frame(asOf: context.asOf)
      let keys = try frame.columns(key)
      if let first {
        let firstKeys = try first.columns(key)
        let match = KeyMatch(of: firstKeys, in: keys)
        if match.duplicate != nil { throw try severalRows(frame, of: stage) }
        let found = KeyFinds(stage, keys, in: stages[0], firstKeys, by: key)
        if context.enforcesExpectations, first.rowCount >= KeyFinds.fewest || most != nil {
          try found.check(atMost: most, "in the stage that joins them")
        }
        finds += [found, KeyFinds(stages[0], firstKeys, in: stage, keys, by: key)]
        frame = frame.taking(match.rows)
      } else {
        // Whoever stands there twice, once with a consent and once without, must not be contacted.
        guard Grouping(by: keys, rowCount: frame.rowCount).count == frame.rowCount else {
          throw try severalRows(frame, of: stage)
        }
        first = frame
      }
      for (name, column) in zip(frame.schema.names, frame.columns) {
        columns["\(stage).\(name)"] = column
        if place == 0 || columns[name] == nil { columns[name] = column }
      }
    }
    var joined = Frame(schema: Schema(), columns: [], rowCount: first?.rowCount ?? 0)
    for field in schema.fields where used.contains(field.name) || key.contains(field.name) {
      guard let column = columns[field.name] else {
        throw StageFailure.missingColumn(field.name)
      }
      joined = joined.setting(field, to: column)
    }
    return (joined, finds)
  }
}
