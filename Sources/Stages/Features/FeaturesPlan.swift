import Expressions
import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// Features as a function of the as-of: the same for training at past instants and for tonight.
struct FeaturesPlan: RelationalPlan {
  let entityStage: String
  let aggregation: Aggregation
  let rows: RelationPlan
  /// Of a run with an as-of, the earliest instant at which features are asked for.
  let earliestCutoff: @Sendable (Instant) -> Instant

  private var sources: [AggregatedSource] { aggregation.sources }
  private var entity: Field { aggregation.entity }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    var steps = rows.steps
    // Before the line of its source, which stands after that of the entities.
    for (place, source) in sources.enumerated().reversed() {
      let choices = source.tops.map { shares in
        PlannedStep(
          "choose the top \(shares.fields.count) of \(shares.of.text) by the rows of \(source.stage) "
            + "before \(earliestCutoff(asOf).shortText(in: zone))")
      }
      steps.insert(contentsOf: choices, at: 1 + place)
    }
    return steps
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let chosen = try await chosenValues(context)
    let opened = try await context.open(plan(choosing: chosen))
    let frame = try await opened.relation.frame(asOf: context.asOf)
    let unmatched = opened.unmatched
    let lost = try lost(unmatched, isEnforced: context.enforcesExpectations)
    let odd = frame.nonFinite
    return StageResult(
      output: .relation(opened.relation), rows: frame.rowCount,
      notes: ["\(aggregation.schema.fields.count - 1) features"]
        + chosen.joined().map { $0.note(in: context.zone) } + lost.notes,
      warnings: lost.warnings + odd.map(Self.text),
      details: details(chosen.flatMap(\.self), unmatched, odd, context.zone))
  }

  /// What to say of rows that belong to no entity.
  /// - Throws: `StageFailure` where there are more than there may be.
  private func lost(
    _ unmatched: [Unmatched], isEnforced: Bool
  ) throws -> (notes: [String], warnings: [String]) {
    var (notes, warnings): ([String], [String]) = ([], [])
    let owner = StageColumn(entityStage, entity.name)
    for (source, found) in zip(sources, unmatched) {
      guard let text = found.text(of: owner) else { continue }
      let stops =
        source.unmatched.map { found.share > $0 }
        ?? (found.share == 1 && found.rows >= Unmatched.fewestRows)
      if stops, isEnforced {
        throw StageFailure(
          text,
          help: "ids that differ in case, blanks or leading zeros are others; see the rows with "
            + "roost preview … \(source.stage) --missing \(source.entityColumn)=\(owner); to let "
            + "them be, say unmatched: 100% under from: \(source.stage)", isBlockedByCheck: true)
      }
      if stops || (source.unmatched == nil && found.share > Unmatched.told) {
        warnings.append(text)
      } else {
        notes.append(text)
      }
    }
    return (notes, warnings)
  }

  private static func text(of odd: (name: String, count: Int)) -> String {
    "feature \(odd.name) is NaN or infinite in \(odd.count) rows, where a model sees no value or "
      + "refuses it: guard the division with nullif(…, 0), or clip what it is made of"
  }

  /// The values that shares are of, chosen by what was known at the earliest cutoff.
  func chosenValues(_ context: any StageContext) async throws -> [[TopValues]] {
    let earliest = earliestCutoff(context.asOf)
    var chosen: [[TopValues]] = []
    for source in sources {
      chosen.append(
        try await source.topValues(
          in: try context.relation(source.stage), before: earliest, zone: context.zone))
    }
    return chosen
  }

  /// What its rows are, with the values that a run chose.
  func plan(choosing chosen: [[TopValues]]) -> RelationPlan {
    guard case .aggregate(let aggregation, let entities, let relations) = rows else { return rows }
    let sources = zip(aggregation.sources, chosen).map { $0.choosing($1.map(\.values)) }
    return .aggregate(aggregation.over(sources), entities: entities, relations)
  }

  private func details(
    _ chosen: [TopValues], _ unmatched: [Unmatched], _ odd: [(name: String, count: Int)],
    _ zone: CalendarZone
  ) -> JSONValue {
    var details: [String: JSONValue] = [
      "features": .integer(aggregation.schema.fields.count - 1),
      "unmatched": .object(
        Dictionary(unmatched.map { ($0.stage, $0.details) }, uniquingKeysWith: { a, _ in a })),
      "non_finite": .object(
        Dictionary(odd.map { ($0.name, .integer($0.count)) }, uniquingKeysWith: { a, _ in a })),
    ]
    if let earliest = chosen.first?.earliest {
      details["top_values"] = .object([
        "before": .string(earliest.shortText(in: zone)),
        "values": .object(
          chosen.reduce(into: [:]) { values, top in
            values[top.shares.name] = top.texts(in: zone).map { .array($0.map(JSONValue.string)) }
          }),
      ])
    }
    return .object(details)
  }
}
