import Frames
import PipelineFiles

/// One SELECT on the snapshot of a source, its rows before the as-of, in the order of their key.
struct ExtractPlan: StagePlan {
  let connection: String
  let select: String
  /// The zone in which times without one are read.
  let zone: CalendarZone
  let relation: RelationShape
  let lineage: StageLineage

  var shape: StageShape { .relation(relation) }
  var sources: [String] { [connection] }

  func run(_ context: any StageContext) async throws -> StageResult {
    let read = try await context.read(select, from: connection)
    try verify(read.schema)
    // The planned schema knows what is personal and what changes in place.
    let frame = Frame(
      schema: relation.schema, columns: read.columns, rowCount: read.rowCount
    ).ordered(by: relation.key)
    guard let known = relation.known(in: frame, zone: zone) else {
      return result(
        SourceRelation(
          shape: relation, zone: zone, base: frame, known: nil, pending: []), read: read.rowCount)
    }
    let mask = known.map { $0 < context.asOf.microseconds }
    return result(
      SourceRelation(
        shape: relation, zone: zone, base: frame.filtered(by: mask),
        known: known.filter { $0 < context.asOf.microseconds }, pending: []),
      read: read.rowCount)
  }

  private func result(_ source: SourceRelation, read: Int) -> StageResult {
    let leftOut = read - source.base.rowCount
    return StageResult(
      output: .relation(source), rows: source.base.rowCount,
      notes: leftOut == 0 ? [] : ["\(read) rows read, \(leftOut) not known before the as-of"],
      details: .object(["read": .integer(read), "left_out": .integer(leftOut)]))
  }

  /// The source may have changed since it was planned.
  private func verify(_ found: Schema) throws {
    let expected = relation.schema
    guard found.fields.map(\.name) == expected.names,
      zip(found.fields, expected.fields).allSatisfy({ $0.type == $1.type })
    else {
      let changed = expected.fields.filter { found[$0.name]?.type != $0.type }.map { field in
        found[field.name].map { "\(field.name) is now \($0.type.sqlName)" }
          ?? "\(field.name) is gone"
      }
      throw StageFailure(
        "the columns of the source changed since they were checked"
          + (changed.isEmpty ? "" : ": " + changed.joined(separator: ", ")),
        help: "run roost check, and run again")
    }
  }
}
