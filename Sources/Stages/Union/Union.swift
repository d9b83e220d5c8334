import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Puts the rows of several stages under one another.
public struct Union: StageKind {
  public static let kind = "union"
  public static let group = StageGroup.rows
  public static let about = "Rows of several stages with the same columns as one."
  public static let example = """
    all_orders:
      union: { inputs: [orders, store_orders], source: sold_in }
    """

  let parts: OneOrMany<StageName>
  let source: ColumnName?

  public init(_ keys: inout Keys) {
    parts = keys("inputs", "Stages whose rows are put together; they have the same columns.")
    source = keys(
      "source", "Column to add that names the stage of each row; part of the key.", such: "shop")
  }

  public var inputs: [StageName] { parts.values }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    for (place, name) in inputs.enumerated() where inputs[..<place].contains(name) {
      report.error(
        .duplicateKey, "stage '\(name.text)' stands here twice", at: name.span,
        help: "remove one of them")
    }
    let shapes = inputs.compactMap { context.relation($0) }
    guard shapes.count == inputs.count, let first = shapes.first else { return nil }
    for (name, shape) in zip(inputs, shapes).dropFirst() {
      guard checkColumns(of: name, shape, against: first, report) else { continue }
      checkMeaning(of: name, shape, against: first, report)
    }
    if let source, first.schema[source.text] != nil {
      report.error(
        .duplicateColumn, "the inputs have a column '\(source.text)' already", at: source.span,
        help: "give the column of the source another name")
    }
    guard report.errorCount == before else { return nil }
    let union = Relations.Union(source: source?.text, names: inputs.map(\.text))
    return StagePlan(
      rows: .union(union, zip(inputs, shapes).map { .stage($0.text, $1) }), checkpoint: .none,
      work: UnionWork(inputs: inputs.map(\.text), source: source?.text), context)
  }

  /// Reports columns that one of two inputs lacks or has with another type; false if there are any.
  private func checkColumns(
    of name: StageName, _ shape: RelationShape, against first: RelationShape, _ report: Report
  ) -> Bool {
    let other = inputs[0].text
    let before = report.errorCount
    func quoted(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
    let missing = first.schema.names.filter { shape.schema[$0] == nil }
    if !missing.isEmpty {
      report.error(
        .wrongInput, "stage '\(name.text)' lacks \(quoted(missing)) of stage '\(other)'",
        at: name.span,
        help: (missing.count == 1
          ? Suggestion.nearest(to: missing[0], in: shape.schema.names) : nil)
          .map { "give '\($0)' the name '\(missing[0])' where it is extracted" }
          ?? "add what is missing, or leave it out of '\(other)'")
    }
    let more = shape.schema.names.filter { first.schema[$0] == nil }
    if !more.isEmpty {
      report.error(
        .wrongInput, "stage '\(other)' lacks \(quoted(more)) of stage '\(name.text)'",
        at: name.span, help: "add what is missing, or leave it out of '\(name.text)'")
    }
    for field in first.schema.fields {
      guard let own = shape.schema[field.name] else { continue }
      if own.type == field.type, own.labels != field.labels {
        report.error(
          .wrongInput,
          "'\(field.name)' is \(own.enumText) in stage '\(name.text)', \(field.enumText) in stage "
            + "'\(other)'", at: name.span,
          help: "cast it to text where it is extracted: \(ColumnSQL.name(field.name))::text")
      }
      guard own.type != field.type else { continue }
      report.error(
        .wrongInput,
        "'\(field.name)' is of type \(own.type.sqlName) in stage '\(name.text)', "
          + "of type \(field.type.sqlName) in stage '\(other)'",
        at: name.span, help: "cast one of them where it is extracted")
    }
    return report.errorCount == before
  }

  /// Reports inputs whose rows are not identified, or not known, by the same columns.
  private func checkMeaning(
    of name: StageName, _ shape: RelationShape, against first: RelationShape, _ report: Report
  ) {
    func check(_ own: String?, _ other: String?, _ what: String, _ help: String) {
      guard own != other else { return }
      report.error(
        .wrongInput,
        "stage '\(name.text)' has \(own ?? "none") as its \(what), "
          + "stage '\(inputs[0].text)' \(other ?? "none")", at: name.span, help: help)
    }
    check(
      shape.key.joined(separator: ", "), first.key.joined(separator: ", "), "key",
      "extract both with one key")
    check(shape.time, first.time, "time", "extract both with the same time:")
    check(shape.arrived, first.arrived, "arrived", "extract both with the same arrived:")
    check(shape.validTo, first.validTo, "valid_to", "extract both with the same valid_to:")
  }
}

extension Field {
  /// Which enum it is, for a message.
  fileprivate var enumText: String {
    labels.map { "an enum of \($0.joined(separator: ", "))" } ?? "a text"
  }
}
