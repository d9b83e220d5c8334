import Expressions
import Frames
import Learning
import MemoryEngine
import PipelineFiles
import Relations

/// Fifths and rules over joined inputs.
struct SegmentWork: StageWork {
  struct Fifth: Sendable {
    let name: String
    let column: String
    let isLessBetter: Bool
    let isPersonal: Bool
  }

  static let fifthValues = (1...5).map(String.init)

  let joined: JoinedInputs
  let fifths: [Fifth]
  let rules: [(name: String, condition: TypedExpression)]
  let otherwise: String
  /// The share of a further input's rows that may find none in the first.
  let unmatched: Double?

  var relation: RelationShape {
    let meaning = ["r": "Recency", "f": "Frequency", "m": "Monetary value"]
    let key = joined.key.compactMap { joined.schema[$0] }
    let scores = fifths.map {
      Field(
        $0.name, .int4, isPersonal: $0.isPersonal, values: Self.fifthValues,
        about: "\(meaning[$0.name] ?? $0.name) as a fifth of all, 1 to 5, 5 the best.")
    }
    let segment = Field(
      "segment", .text, isNullable: false,
      values: (rules.map(\.name) + [otherwise]).removingRepeats,
      about: "The first segment whose rule holds.")
    return RelationShape(schema: Schema(key + [segment] + scores), key: joined.key)
  }

  var lineage: StageLineage {
    var lineage: StageLineage = [:]
    for name in joined.key { lineage[name] = joined.lineage(of: [name]) }
    for fifth in fifths {
      lineage[fifth.name] = joined.lineage(of: [fifth.column], by: ["fifths of \(fifth.column)"])
    }
    let scores = Dictionary(
      fifths.map { ($0.name, $0.column) }, uniquingKeysWith: { first, _ in first })
    lineage["segment"] = joined.lineage(
      of: rules.flatMap { $0.condition.columns.map { scores[$0] ?? $0 } },
      by: rules.map { "\($0.name) when \($0.condition.text)" })
    return lineage
  }

  /// The columns of the joined inputs that rules and fifths look at.
  private var used: Set<String> {
    rules.reduce(into: Set(fifths.map(\.column))) { $0.formUnion($1.condition.columns) }
  }

  var needs: NeededColumns {
    Dictionary(
      joined.stages.map { ($0, joined.needs(of: $0, used)) }, uniquingKeysWith: { a, _ in a })
  }

  var steps: [PlannedStep] {
    fifths.map { PlannedStep("\($0.name): fifths of \($0.column)") }
      + rules.map { PlannedStep("\($0.name) when \($0.condition.text)") }
      + [PlannedStep("otherwise \(otherwise)")]
  }

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let evaluation = EvaluationContext(asOf: context.asOf, zone: context.zone)
    var (frame, finds) = try await joined.rows(context, using: used, unmatched: unmatched)
    var collapsed: [String] = []
    for fifth in fifths {
      let scores = try scores(fifth, frame)
      frame = frame.setting(Field(fifth.name, .int4), to: scores.column)
      collapsed += scores.collapsed.map { [$0] } ?? []
    }
    var fitting: [Int] = []
    var segments = [String?](repeating: nil, count: frame.rowCount)
    for rule in rules {
      let holds = try rule.condition.selection(over: frame, in: evaluation)
      fitting.append(holds.count { $0 })
      for row in segments.indices where holds[row] && segments[row] == nil {
        segments[row] = rule.name
      }
    }
    let result = frame.setting(
      Field("segment", .text), to: Column(texts: segments.map { $0 ?? otherwise })
    ).selecting(relation.schema.names)
    let sizes = (rules.map(\.name) + [otherwise]).reduce(into: [(String, Int)]()) { sizes, name in
      guard !sizes.contains(where: { $0.0 == name }) else { return }
      sizes.append((name, segments.count { ($0 ?? otherwise) == name }))
    }
    return StageResult(
      output: .relation(
        FixedRelation(
          shape: relation, zone: context.zone, asOf: context.asOf,
          frame: Frame(
            schema: relation.schema, columns: result.columns, rowCount: result.rowCount))),
      rows: result.rowCount,
      notes: [sizes.map { "\($0.0) \($0.1)" }.joined(separator: ", ")] + finds.compactMap(\.note)
        + collapsed,
      warnings: warnings(fitting, of: frame.rowCount, collapsed),
      details: .object([
        "segments": .object(
          Dictionary(sizes.map { ($0.0, .integer($0.1)) }, uniquingKeysWith: { a, _ in a })),
        "inputs": .array(finds.map(\.details)),
      ]))
  }

  /// Rules that nobody fits, with what may be the reason.
  private func warnings(_ fitting: [Int], of rowCount: Int, _ collapsed: [String]) -> [String] {
    zip(rules, fitting).filter { rowCount > 0 && $0.1 == 0 }.map { rule, _ in
      let used = fifths.filter { rule.condition.columns.contains($0.name) }
      let reasons = collapsed.filter { text in used.contains { text.hasPrefix("\($0.name) ") } }
      return "the rule of segment \(rule.name) fits none of the \(rowCount) rows: "
        + rule.condition.text
        + (reasons.isEmpty ? "" : "; \(reasons.joined(separator: "; "))")
    }
  }

  /// Breaks are quantiles of the column, so equal values get equal scores.
  /// - Returns: the scores, and which of the five are there where many equal values leave some out.
  private func scores(
    _ fifth: Fifth, _ frame: Frame
  ) throws -> (column: Column, collapsed: String?) {
    let values = try frame.column(fifth.column).floats.map { $0.isNaN ? nil : Double($0) }
    let scores = Quintiles(
      fitting: values, direction: fifth.isLessBetter ? .lowerIsBetter : .higherIsBetter
    ).scores(values)
    let present = Set(scores.compactMap(\.self)).sorted()
    let collapsed =
      (1..<5).contains(present.count)
      ? "\(fifth.name) has the values \(present.map(String.init).joined(separator: ", ")) only, "
        + "because many rows have one \(fifth.column)" : nil
    return (Column(integers: scores), collapsed)
  }
}
