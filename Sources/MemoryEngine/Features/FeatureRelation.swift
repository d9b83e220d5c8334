import Expressions
import Frames
import Relations
import Threads

/// Evaluates features at any as-of over relations that are themselves functions of it.
public struct FeatureRelation: Relation {
  let aggregation: Aggregation
  public let shape: RelationShape
  public let zone: CalendarZone
  /// What the entities are called, in messages.
  let entityStage: String
  let entities: any Relation
  /// In the order of the plan's sources.
  let sources: [SourceRelation]
  /// The values whose shares are among its features.
  let chosen: [TopValues]
  let shared = SharedRows()
  /// Where it is noted what rows find no entity; nil where nobody asks.
  var tally: UnmatchedTally?
  public var remembered: (asOf: Instant, frame: Frame)?

  private var entity: String { aggregation.entity.name }

  public var companions: [String: any Relation] { [:] }
  public func history(asOf: Instant) async throws -> Frame { try await frame(asOf: asOf) }
  public func undatedRows(asOf: Instant) async throws -> Frame? { nil }

  public func frame(asOf: Instant) async throws -> Frame {
    if let remembered, remembered.asOf == asOf { return remembered.frame }
    let context = EvaluationContext(asOf: asOf, zone: zone)
    let ids = try await entityColumn(asOf: asOf)
    let columns = try await columns(of: ids, in: context)
    // The schema gives the order of the columns, derived ones last.
    let aggregated = shape.schema.fields.filter { columns[$0.name] != nil }
    var frame = Frame(
      schema: Schema(aggregated), columns: aggregated.compactMap { columns[$0.name] },
      rowCount: ids.count)
    for column in aggregation.derived {
      frame = frame.setting(
        column.field, to: try column.expression.evaluate(over: frame, in: context))
    }
    return frame
  }

  /// All columns that are made from rows, by name, and that of the entities.
  private func columns(
    of ids: Column, in context: EvaluationContext
  ) async throws -> [String: Column] {
    var columns = [entity: ids]
    for part in await inParallel(try await parts(of: ids, in: context)) {
      for (name, column) in try part.get() { columns[name] = column }
    }
    return columns
  }

  /// The work on the rows of all sources, in parts that can be done at the same time.
  private func parts(
    of ids: Column, in context: EvaluationContext
  ) async throws -> [@Sendable () throws -> FeatureEvaluation.Columns] {
    try await withThrowingTaskGroup(
      of: [@Sendable () throws -> FeatureEvaluation.Columns].self
    ) { group in
      for (place, source) in aggregation.sources.enumerated() {
        group.addTask {
          try Task.checkCancellation()
          let rows = try await shared.rows(
            of: source.rowsPlan, at: place, sources[place], asOf: context.asOf, in: context)
          return FeatureEvaluation(
            source: source, windows: aggregation.windows, rows: rows, entities: ids,
            context: context
          ).parts(notingIn: tally, at: place)
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  /// Each entity once, in order; a null names none.
  ///
  /// Throws where the entity is the whole key of its stage, so that each should stand there once.
  private func entityColumn(asOf: Instant) async throws -> Column {
    let frame = try await entities.frame(asOf: asOf).selecting([entity])
    let ordered = frame.ordered(by: [entity])
    guard let column = ordered.columns.first else {
      throw StageFailure("stage \(entityStage) handed on no column \(entity)")
    }
    let repeats = ordered.repeats(of: [entity])
    if repeats > 0, entities.shape.key == [entity] {
      throw StageFailure(
        "stage \(entityStage) has several rows for one \(entity), its key: "
          + "\(repeats) of \(ordered.rowCount) rows repeat one before",
        help: "deduplicate them in a clean stage, or name a fuller key")
    }
    let distinct = Grouping(by: [column], rowCount: column.count).firstRows
      .filter { !column.isNull(Int($0)) }
    return column.taking(distinct)
  }
}
