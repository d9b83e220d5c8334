import Frames
import PipelineFiles

/// Columns of one stage with values that accounts share.
struct LinkSource: Sendable {
  let stage: String
  /// The column that names the account.
  let entityColumn: String
  /// Columns, each with the kind of its values.
  let columns: [(column: String, kind: String)]
}

/// Accounts put together into persons by the values that they share.
struct IdentifyPlan: StagePlan {
  let entityStage: String
  /// The column that names the accounts.
  let entity: String
  let sources: [LinkSource]
  /// The kinds of values, in the order of the file.
  let kinds: [String]
  /// A value that more accounts share is nobody's.
  let limit: Int
  /// A cluster of more accounts is no person.
  let giant: Int
  /// Whether each account of such a cluster is a person of its own.
  let keepsApart: Bool
  let relation: RelationShape

  var shape: StageShape { .relation(relation) }

  var lineage: StageLineage {
    let made = Set(IdentityColumns.fields(Field(entity, .int8)).map(\.name))
    let own = StageColumn(entityStage, entity)
    let links = sources.flatMap { source in
      (source.columns.map(\.column) + [source.entityColumn]).map { StageColumn(source.stage, $0) }
    }
    return Dictionary(
      relation.schema.names.map { name in
        made.contains(name)
          ? (name, ColumnLineage(from: Set([own] + links), by: ["identify by \(kindsText)"]))
          : (name, ColumnLineage(from: [StageColumn(entityStage, name)]))
      }, uniquingKeysWith: { first, _ in first })
  }

  private var kindsText: String { kinds.joined(separator: ", ") }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    let stages = sources.map(\.stage).joined(separator: ", ")
    return [
      PlannedStep(
        "put rows of \(entityStage) together that share \(kindsText) in \(stages), unless more than "
          + "\(limit) do", isAsOf: true),
      PlannedStep(
        "flag persons of more than \(giant)"
          + (keepsApart ? ", and keep their \(entity) apart" : ""), isAsOf: true),
    ]
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let entities = SourceRelation(try context.relation(entityStage), zone: context.zone)
    var relations: [String: any Relation] = [:]
    for source in sources { relations[source.stage] = try context.relation(source.stage) }
    let operation = IdentifyOperation(plan: self, relations: relations)
    var identified = SourceRelation(
      shape: relation, zone: entities.zone, base: entities.base, visibility: entities.visibility,
      pending: entities.pending + [operation])
    identified.undated = entities.undated?.then([operation])
    let rows = try await entities.frame(asOf: context.asOf)
    let outcome = try await operation.identify(rows, asOf: context.asOf)
    identified.remembered = (context.asOf, outcome.frame)
    return result(.relation(identified), outcome)
  }

  private func result(_ output: StageOutput, _ outcome: IdentifiedAccounts) -> StageResult {
    let ignored = zip(kinds, outcome.ignored).filter { $1 > 0 }
    var notes = ["\(outcome.persons) persons in \(outcome.frame.rowCount) rows of \(entityStage)"]
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
      output: output, rows: outcome.frame.rowCount, notes: notes, warnings: warnings,
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

extension IdentifyPlan {
  /// Rows as they would have come out; later stages see those that were known by their as-of.
  func relation(of given: Frame, zone: CalendarZone) -> (any Relation)? {
    SourceRelation(
      shape: relation, zone: zone, base: given,
      visibility: relation.visibility(of: given, zone: zone), pending: [])
  }
}
