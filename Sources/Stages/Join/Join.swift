import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Adds columns of another stage to each row, by key.
public struct Join: StageKind {
  public static let kind = "join"
  public static let group = StageGroup.rows
  public static let about =
    "Adds columns of another stage to each row; it never multiplies rows unless it says so."
  public static let example = """
    priced_orders:
      join:
        left: all_orders
        right: product_prices
        on: product_id
        as_of: ordered_at
        columns: { category: category, price: list_price }
    """

  let left: StageName
  let right: StageName
  let on: Pairs<ColumnName, ColumnName>
  let type: Kind
  let many: Bool
  let asOf: ColumnName?
  let columns: Pairs<ColumnName, ColumnName>?

  public init(_ keys: inout Keys) {
    left = keys("left", "Stage whose rows are kept, with their key and time.")
    right = keys("right", "Stage whose columns are added.")
    on = keys(
      "on", "Columns that agree: names, or those of the left each with that of the right.")
    type = keys(
      "type", "What becomes of rows that find none: left keeps them, inner leaves them out.",
      default: .left, shown: "left")
    many = keys(
      "many", "Whether a row may find several, and then stands there once for each.",
      default: false)
    asOf = keys(
      "as_of", "Time of the left; of the right the row that was valid then is taken.")
    columns = keys(
      "columns",
      "Columns of the right that are added: names, or each with the name that it gets; all others "
        + "than those that agree when left out.")
  }

  enum Kind: String, Choice { case left, inner }

  public var inputs: [StageName] { left == right ? [left] : [left, right] }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    if many, let asOf {
      report.error(
        .keyCombination, "'as_of' takes one row, 'many' several", at: asOf.span,
        help: "leave one of them out")
    }
    guard let (left, right) = shapes(context) else { return nil }
    checkKeys(left, right, context)
    let knowsKeys = report.errorCount == before
    checkAsOf(left, right, context)
    // Without columns to agree there is no telling which are left over.
    let added = columns == nil && !knowsKeys ? [] : added(to: left, from: right, context)
    if many { checkKeyOfMany(right, added, report) }
    guard report.errorCount == before else { return nil }
    let join = Relations.Join(
      on: on.names.map { .init(left: $0.first.text, right: $0.second.text) },
      isInner: type == .inner,
      cardinality: many ? .many : right.key.allSatisfy(isMatched) ? .key : .checked,
      validity: asOf.flatMap { asOf in
        right.time.map { .init(column: asOf.text, from: $0, until: right.validTo) }
      },
      columns: added.map { .init($0.column, as: $0.name) }, addsAll: columns == nil)
    return StagePlan(
      rows: .join(join, .stage(self.left.text, left), .stage(self.right.text, right)),
      checkpoint: .none, work: JoinWork(right: self.right.text, isInner: join.isInner), context)
  }

  private func shapes(_ context: PlanContext) -> (RelationShape, RelationShape)? {
    guard let left = context.relation(left), let right = context.relation(right) else { return nil }
    return (left, right)
  }

  /// Whether a column of the right is one of those that must agree.
  private func isMatched(_ column: String) -> Bool {
    on.names.contains { $0.second.text == column }
  }

  private func checkKeys(_ left: RelationShape, _ right: RelationShape, _ context: PlanContext) {
    if on.names.isEmpty {
      context.report.error(
        .wrongValue, "'on' names no column", at: self.right.span,
        help: "say by which columns the rows find each other: on: { product_id: id }")
    }
    for (own, other) in on.names {
      let field = context.field(own, in: left.schema, of: "stage '\(self.left.text)'")
      let found = context.field(other, in: right.schema, of: "stage '\(self.right.text)'")
      guard let field, let found, !field.type.isSameKey(as: found.type) else { continue }
      context.report.error(
        .wrongType,
        "'\(own.text)' is of type \(field.type.sqlName) in stage '\(self.left.text)', "
          + "'\(other.text)' of type \(found.type.sqlName) in stage '\(self.right.text)'",
        at: own.span, help: "cast one of them where it is extracted")
    }
  }

  private func checkAsOf(_ left: RelationShape, _ right: RelationShape, _ context: PlanContext) {
    guard let asOf else { return }
    if let field = context.field(asOf, in: left.schema, of: "stage '\(self.left.text)'"),
      !field.type.isTime
    {
      context.report.error(
        .wrongType, "column '\(asOf.text)' is of type \(field.type.sqlName), not a time",
        at: asOf.span, help: "name a date, timestamp or timestamptz column")
    }
    if right.time == nil {
      context.report.error(
        .missingTime, "stage '\(self.right.text)' does not say since when its rows are valid",
        at: self.right.span, help: "say valid_from: and valid_to: in its extract")
    }
  }

  /// The columns of the right that are added, with their names, all different.
  private func added(
    to left: RelationShape, from right: RelationShape, _ context: PlanContext
  ) -> [(column: String, name: String)] {
    let report = context.report
    guard let columns else {
      let clashes = right.schema.names.filter { left.schema[$0] != nil && !isMatched($0) }
      if !clashes.isEmpty {
        report.error(
          .duplicateColumn,
          "both stages have \(clashes.map { "'\($0)'" }.joined(separator: ", "))",
          at: self.right.span,
          help: "say which columns are added, and how they are called: "
            + "columns: { \(clashes[0]): \(self.right.text)_\(clashes[0]) }")
      }
      return right.schema.names.filter { !isMatched($0) }.map { ($0, $0) }
    }
    var seen: Set<String> = []
    for (column, name) in columns.names {
      _ = context.field(column, in: right.schema, of: "stage '\(self.right.text)'")
      if left.schema[name.text] != nil {
        report.error(
          .duplicateColumn, "stage '\(self.left.text)' has a column '\(name.text)' already",
          at: name.span,
          help: "give it another name: columns: { \(column.text): \(self.right.text)_\(name.text) }"
        )
      } else if !seen.insert(name.text).inserted {
        report.error(
          .duplicateColumn, "two columns get the name '\(name.text)'", at: name.span,
          help: "give one of them another name, or remove it")
      }
    }
    return columns.names.map { ($0.first.text, $0.second.text) }
  }

  /// Reports columns that would tell apart the rows that one row of the left becomes, and are not added.
  private func checkKeyOfMany(
    _ right: RelationShape, _ added: [(column: String, name: String)], _ report: Report
  ) {
    for column in right.key where !isMatched(column) {
      guard !added.contains(where: { $0.column == column }) else { continue }
      report.error(
        .missingKey,
        "with many: true the key of stage '\(self.right.text)' tells rows apart, and "
          + "'\(column)' is not among the columns",
        at: self.right.span, help: "add '\(column)' under columns:")
    }
  }
}
