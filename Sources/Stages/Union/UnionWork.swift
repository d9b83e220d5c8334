import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// Rows of several inputs with the same columns, in the order of their key.
struct UnionWork: StageWork {
  let inputs: [String]
  /// The column that names the input of each row.
  let source: String?

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(try plan.rows)
    let frame = try await opened.relation.frame(asOf: context.asOf)
    let counts = inputs.map(opened.rows)
    let key = opened.relation.shape.key
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
