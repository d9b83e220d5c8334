import Frames
import PipelineFiles

/// Columns of one input added to the rows of another.
struct JoinPlan: StagePlan {
  /// How many rows of the right one of the left may find.
  enum Cardinality: Sendable {
    /// One, because the columns that agree hold the right's key.
    case key
    /// One, or the run stops.
    case checked
    case many
  }

  /// A time of the left, and since and until when rows of the right are valid.
  struct AsOf: Sendable {
    let column: String
    let from: String
    let until: String?
  }

  let left: String
  let right: String
  /// Columns that agree.
  let on: [(left: String, right: String)]
  /// Whether rows that find none are left out.
  let isInner: Bool
  let cardinality: Cardinality
  let asOf: AsOf?
  /// Columns of the right, with the names that they get.
  let columns: [(column: String, name: String)]
  let relation: RelationShape

  var shape: StageShape { .relation(relation) }

  var lineage: StageLineage {
    let added = Dictionary(
      columns.map { ($0.name, $0.column) }, uniquingKeysWith: { first, _ in first })
    return Dictionary(
      relation.schema.names.map { name in
        let origin = added[name].map { StageColumn(right, $0) } ?? StageColumn(left, name)
        return (name, ColumnLineage(from: [origin]))
      }, uniquingKeysWith: { first, _ in first })
  }

  private var keyText: String {
    on.map { $0.left == $0.right ? $0.left : "\($0.left) = \($0.right)" }.joined(separator: ", ")
  }

  private var cardinalityText: String {
    if asOf != nil { return "at most one row" }
    return switch cardinality {
    case .many: "any number of rows"
    case .key: "at most one row, by its key"
    case .checked: "at most one row, or the run stops"
    }
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    let valid = self.asOf.map { ", valid at \($0.column)" } ?? ""
    return [
      PlannedStep(
        "\(isInner ? "inner" : "left") join \(right) on \(keyText)\(valid): "
          + "\(cardinalityText) for each of \(left)", isAsOf: true)
    ]
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let left = SourceRelation(try context.relation(left), zone: context.zone)
    let right = SourceRelation(try context.relation(right), zone: context.zone)
    let operation = JoinOperation(plan: self, right: right)
    var joined = SourceRelation(
      shape: relation, zone: left.zone, base: left.base, visibility: left.visibility,
      pending: left.pending + [operation])
    joined.undated = left.undated?.then([operation])
    let rows = try await left.frame(asOf: context.asOf)
    let outcome = try await operation.join(rows, asOf: context.asOf, zone: left.zone)
    joined.remembered = (context.asOf, outcome.frame)
    let fate = isInner ? "left out" : "kept without one"
    return StageResult(
      output: .relation(joined), rows: outcome.frame.rowCount,
      notes: outcome.unmatched == 0
        ? []
        : ["\(outcome.unmatched) of \(rows.rowCount) rows find none in \(self.right): \(fate)"],
      details: .object([
        "left": .integer(rows.rowCount), "without_match": .integer(outcome.unmatched),
      ]))
  }
}

extension JoinPlan {
  /// Rows as they would have been joined; later stages see those that were known by their as-of.
  func relation(of given: Frame, zone: CalendarZone) -> (any Relation)? {
    SourceRelation(
      shape: relation, zone: zone, base: given,
      visibility: relation.visibility(of: given, zone: zone), pending: [])
  }
}
