import Expressions
import Frames
import PipelineFiles
import Relations

/// Features as a function of the as-of: the same for training at past instants and for tonight.
struct FeaturesWork: StageWork {
  let entityStage: String
  let aggregation: Aggregation
  /// The pipeline's.
  let file: String

  private var sources: [AggregatedSource] { aggregation.sources }
  private var entity: Field { aggregation.entity }

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(try plan.rows)
    let frame = try await opened.relation.frame(asOf: context.asOf)
    let unmatched = opened.unmatched
    let lost = try lost(
      unmatched, seenBy: PreviewedNight(file, context), isEnforced: context.enforcesExpectations)
    let odd = frame.nonFinite
    return StageResult(
      output: .relation(opened.relation), rows: frame.rowCount,
      notes: ["\(aggregation.schema.fields.count - 1) features"] + opened.chosen.map(\.note)
        + lost.notes,
      warnings: lost.warnings + odd.map(Self.text),
      details: details(opened.chosen, unmatched, odd))
  }

  /// What to say of rows that belong to no entity.
  /// - Throws: `StageFailure` where there are more than there may be.
  private func lost(
    _ unmatched: [Unmatched], seenBy night: PreviewedNight, isEnforced: Bool
  ) throws -> (notes: [String], warnings: [String]) {
    var (notes, warnings): ([String], [String]) = ([], [])
    let owner = StageColumn(entityStage, entity.name)
    for (source, found) in zip(sources, unmatched) {
      guard let text = found.text(of: owner) else { continue }
      let stops =
        source.unmatched.map { found.share > $0 }
        ?? (found.share == 1 && found.rows >= Unmatched.fewestRows)
      if stops, isEnforced {
        let rows = OffendingRows(of: source.stage, .missing(source.entityColumn, owner))
        throw StageFailure(
          text,
          help: "ids that differ in case, blanks or leading zeros are others; to let them be, say "
            + "unmatched: 100% under from: \(source.stage); see the rows with: "
            + night.command(for: rows), isBlockedByCheck: true)
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

  private func details(
    _ chosen: [TopValues], _ unmatched: [Unmatched], _ odd: [(name: String, count: Int)]
  ) -> JSONValue {
    var details: [String: JSONValue] = [
      "features": .integer(aggregation.schema.fields.count - 1),
      "unmatched": .object(
        Dictionary(unmatched.map { ($0.stage, $0.details) }, uniquingKeysWith: { a, _ in a })),
      "non_finite": .object(
        Dictionary(odd.map { ($0.name, .integer($0.count)) }, uniquingKeysWith: { a, _ in a })),
    ]
    if let facts = chosen.first?.chosenAt {
      details["top_values"] = .object([
        "before": .string(facts.asOf.shortText(in: facts.zone)),
        "values": .object(
          chosen.reduce(into: [:]) { values, top in
            values[top.shares.name] = top.texts.map { .array($0.map(JSONValue.string)) }
          }),
      ])
    }
    return .object(details)
  }
}

extension TopValues {
  /// What a person reads of it; personal values stay unsaid.
  fileprivate var note: String {
    let found =
      texts.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") } ?? "\(values.count) values"
    return "\(shares.name): top \(shares.fields.count) of the rows before "
      + "\(chosenAt.asOf.shortText(in: chosenAt.zone)): \(found)"
  }

  /// The values by rank; nil where they are personal.
  fileprivate var texts: [String]? {
    shares.of.isPersonal
      ? nil : (0..<values.count).compactMap { values.text($0, in: chosenAt.zone) }
  }
}
