import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// Rows of several inputs with the same columns, in the order of their key.
struct UnionPlan: StagePlan {
  let inputs: [String]
  /// The column that names the input of each row.
  let source: String?
  let rows: RelationPlan

  var shape: StageShape { .relation(rows.shape) }
  var relational: RelationPlan? { rows }
  var lineage: StageLineage { rows.lineage }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    rows.needs(wanted)[input] ?? nil
  }

  func narrowed(to columns: Set<String>) -> any StagePlan {
    UnionPlan(inputs: inputs, source: source, rows: rows.narrowed(to: columns))
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] { rows.steps }

  func run(_ context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(rows)
    let frame = try await opened.relation.frame(asOf: context.asOf)
    let counts = inputs.map(opened.rows)
    let key = rows.shape.key
    let repeats = frame.repeats(of: key)
    return StageResult(
      output: .relation(opened.relation), rows: frame.rowCount,
      notes: [zip(inputs, counts).map { "\($0) \($1)" }.joined(separator: ", ")],
      warnings: repeats == 0
        ? []
        : [
          "\(repeats) of \(frame.rowCount) rows repeat the key "
            + "\(key.joined(separator: ", ")), and all of them count: "
            + (source == nil
              ? "say source: with a column that tells the inputs apart, or deduplicate them in a "
                + "clean stage" : "deduplicate the inputs in clean stages")
        ],
      details: .object([
        "inputs": .object(
          Dictionary(zip(inputs, counts.map { .integer($0) }), uniquingKeysWith: { a, _ in a }))
      ]))
  }
}

extension UnionPlan {
  /// Rows as they would have been put together; later stages see those that were known by their as-of.
  func relation(of given: Frame, zone: CalendarZone) throws -> (any Relation)? {
    try SourceRelation(shape: rows.shape, zone: zone, base: given)
  }
}
