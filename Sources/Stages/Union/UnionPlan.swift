import Expressions
import Frames
import PipelineFiles

/// Rows of several inputs with the same columns, in the order of their key.
struct UnionPlan: StagePlan {
  let inputs: [String]
  /// The column that names the input of each row.
  let source: String?
  let relation: RelationShape

  var shape: StageShape { .relation(relation) }

  var lineage: StageLineage {
    var lineage: StageLineage = [:]
    for name in relation.schema.names {
      lineage[name] = ColumnLineage(
        from: name == source ? [] : Set(inputs.map { StageColumn($0, name) }),
        by: name == source ? ["name of the stage"] : [])
    }
    return lineage
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    [
      PlannedStep(
        "put the rows of \(inputs.joined(separator: ", ")) together"
          + (source.map { ", named in \($0)" } ?? "")),
      PlannedStep("order by \(relation.key.joined(separator: ", "))"),
    ]
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    var parts: [SourceRelation] = []
    for input in inputs {
      parts.append(SourceRelation(try context.relation(input), zone: context.zone))
    }
    var union = united(parts, zone: context.zone)
    let rows = try await union.frame(asOf: context.asOf)
    union.remembered = (context.asOf, rows)
    var counts: [Int] = []
    for part in parts { counts.append(try await part.frame(asOf: context.asOf).rowCount) }
    let repeats = rows.repeats(of: relation.key)
    return StageResult(
      output: .relation(union), rows: rows.rowCount,
      notes: [zip(inputs, counts).map { "\($0) \($1)" }.joined(separator: ", ")],
      warnings: repeats == 0
        ? []
        : [
          "\(repeats) of \(rows.rowCount) rows repeat the key "
            + "\(relation.key.joined(separator: ", ")), and all of them count: "
            + (source == nil
              ? "say source: with a column that tells the inputs apart, or deduplicate them in a "
                + "clean stage" : "deduplicate the inputs in clean stages")
        ],
      details: .object([
        "inputs": .object(
          Dictionary(zip(inputs, counts.map { .integer($0) }), uniquingKeysWith: { a, _ in a }))
      ]))
  }

  /// The rows as they are known at each instant. Inputs without steps that must be repeated are put
  /// together once.
  private func united(_ parts: [SourceRelation], zone: CalendarZone) -> SourceRelation {
    var united = unitedRows(parts, zone: zone)
    if parts.contains(where: { $0.undated != nil }) {
      united.undated = UndatedRows(
        rows: .empty(relation.schema),
        steps: [UnionOperation(plan: self, parts: parts, rows: .undated)])
    }
    return united
  }

  private func unitedRows(_ parts: [SourceRelation], zone: CalendarZone) -> SourceRelation {
    let zones = Set(parts.map(\.zone))
    let ownZone = zones.count == 1 ? parts[0].zone : zone
    guard zones.count == 1, parts.allSatisfy(\.pending.isEmpty) else {
      return SourceRelation(
        shape: relation, zone: ownZone, base: .empty(relation.schema), visibility: .always,
        pending: [UnionOperation(plan: self, parts: parts)])
    }
    let base = combined(parts.map(\.base))
    return SourceRelation(
      shape: relation, zone: ownZone, base: base,
      visibility: relation.visibility(of: base, zone: ownZone), pending: [])
  }

  /// The rows of frames, one for each input.
  func combined(_ frames: [Frame]) -> Frame {
    let names = relation.schema.names.filter { $0 != source }
    guard var all = Frame.concatenating(frames.map { $0.selecting(names) }) else {
      return .empty(relation.schema)
    }
    if let source, let field = relation.schema[source] {
      let texts = zip(inputs, frames).flatMap { Array(repeating: $0, count: $1.rowCount) }
      all = all.setting(field, to: Column(texts: texts))
    }
    return Frame(schema: relation.schema, columns: all.columns, rowCount: all.rowCount)
      .ordered(by: relation.key)
  }
}

extension UnionPlan {
  /// Rows as they would have been put together; later stages see those that were known by their as-of.
  func relation(of given: Frame, zone: CalendarZone) -> (any Relation)? {
    SourceRelation(
      shape: relation, zone: zone, base: given,
      visibility: relation.visibility(of: given, zone: zone), pending: [])
  }
}

/// Puts the inputs together as they are known at an as-of.
private struct UnionOperation: HistoryOperation {
  let plan: UnionPlan
  let parts: [SourceRelation]
  var rows = Rows.seen

  enum Rows {
    case seen
    /// Those that are not valid any more too.
    case history
    /// Those that no as-of sees.
    case undated
  }

  var ofHistory: any CleanOperation {
    UnionOperation(plan: plan, parts: parts, rows: .history)
  }

  var isAsOf: Bool { true }
  var label: String { "put the rows of \(plan.inputs.joined(separator: ", ")) together" }

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> CleanOutcome {
    var frames: [Frame] = []
    for part in parts {
      let asOf = context.asOf
      switch rows {
      case .seen: frames.append(try await part.frame(asOf: asOf))
      case .history: frames.append(try await part.history(asOf: asOf))
      case .undated:
        frames.append(try await part.undatedRows(asOf: asOf) ?? .empty(part.shape.schema))
      }
    }
    return CleanOutcome(frame: plan.combined(frames), changed: 0)
  }
}
