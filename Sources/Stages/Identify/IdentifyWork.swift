import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// Accounts put together into persons by the values that they share.
struct IdentifyWork: StageWork {
  let entityStage: String
  let identify: Relations.Identify

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let opened = try await context.open(try plan.rows)
    guard let count = opened.identified.last else {
      throw StageFailure("nobody was identified", help: "this is a mistake in roost")
    }
    return result(opened, count)
  }

  private func result(_ opened: OpenedRelation, _ outcome: IdentifyCount) -> StageResult {
    let (kinds, limit, giant) = (identify.kinds, identify.limit, identify.giant)
    let ignored = zip(kinds, outcome.ignored).filter { $1 > 0 }
    var notes = ["\(outcome.persons) persons in \(opened.rows) rows of \(entityStage)"]
    if !ignored.isEmpty {
      let values = ignored.map { "\($1) of \($0)" }.joined(separator: ", ")
      notes.append("values ignored because more than \(limit) share them: \(values)")
    }
    if outcome.unknown > 0 {
      notes.append("\(outcome.unknown) rows with values name no row of \(entityStage)")
    }
    var warnings: [String] = []
    if let largest = outcome.giants.max() {
      let accounts = outcome.giants.reduce(0, +)
      warnings.append(
        "\(outcome.giants.count) of the clusters have more than \(giant) rows of \(entityStage), "
          + "\(accounts) together and \(largest) in the largest: something that is shared by chance "
          + "ties them; look at tied_by where is_giant, and ignore such values")
    }
    return StageResult(
      output: .relation(opened.relation), rows: opened.rows, notes: notes, warnings: warnings,
      details: .object([
        "persons": .integer(outcome.persons), "giant_clusters": .integer(outcome.giants.count),
        "rows_in_giant_clusters": .integer(outcome.giants.reduce(0, +)),
        "rows_of_unknown": .integer(outcome.unknown),
        "ignored_values": .object(
          Dictionary(
            zip(kinds, outcome.ignored.map { .integer($0) }), uniquingKeysWith: { a, _ in a })),
      ]))
  }
}
