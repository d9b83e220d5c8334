import Frames
import MemoryEngine
import PipelineFiles
import PostgresFacts
import Relations

/// One SELECT on the snapshot of a source, its rows before the as-of, in the order of their key.
struct ExtractWork: WorkByDemand, ReusesRows {
  let stage: String
  let connection: String
  let select: String
  /// The table that it reads whole, where it is no SELECT of the author's own.
  let table: QualifiedName?
  /// The column in whose ranges several connections read it.
  let splitBy: String?
  /// The pipeline's zone, in which times without one are read that `zoned` does not read in another.
  let zone: CalendarZone
  /// Times that are read in a zone of their own; nil where there are none.
  let zoned: ZonedTimes?
  /// What is known of what is read.
  let scope: ReadingScope
  /// Why policies may decide which rows are read; nil where they may not.
  let policyReason: String?
  /// The columns as the source has them.
  let sourceSchema: Schema
  let hash: RowStep.Hash?
  /// Whether rows that repeat a key are taken out before they are used.
  var isMadeUnique = false
  let relation: RelationShape
  let lineage: StageLineage
  /// What is kept from run to run; nil where every run reads all rows.
  let kept: KeptPlan?
  /// Columns of the table that cannot be read.
  var unread: UnreadColumns?
  let nonFinite: NonFinite

  /// What it does at an as-of.
  func plan(asOf: Instant) -> StagePlan {
    StagePlan(
      output: .rows(.scan(scan), checked: []),
      reading: PlannedReading(
        connection: connection, statement: statement(asOf: nil), unread: unread),
      publishes: [], atPublication: nil, asksFrom: asOf, checkpoint: .rows,
      secretDigests: hash.map { [$0.key.fingerprint] } ?? [], notes: steps, work: self)
  }

  private var scan: Scan {
    Scan(
      stage: stage, connection: connection, subquery: SQL.subquery(select),
      source: sourceSchema,
      zones: Dictionary(
        zoned.map { zoned in zoned.columns.map { ($0, zoned.zone) } } ?? [],
        uniquingKeysWith: { first, _ in first }),
      dropsNonFinite: nonFinite == .null, hash: hash, shape: relation, lineage: lineage)
  }

  /// - Parameter asOf: the instant at or after which rows need not be read.
  private func statement(asOf: Instant?) -> PlannedStatement {
    let times = [relation.time, relation.arrived].compactMap(\.self).filter {
      sourceSchema[$0]?.type == .timestamptz
    }
    return PlannedStatement(
      connection: connection, sql: select,
      parts: splitBy.map(SelectParts.ranges) ?? table.map(SelectParts.pages),
      later: table == nil || times.isEmpty
        ? nil : asOf.map { LaterRows(asOf: $0, columns: times) }, scope: scope)
  }

  private var steps: [PlannedStep] {
    let count = relation.schema.fields.count
    let left = lineage.count - count
    var steps = [
      PlannedStep(
        "read \(count) columns from \(connection)"
          + (left > 0 ? "; no other stage uses the other \(left)" : ""))
    ]
    if let unread {
      let names = unread.columns.map(\.name).joined(separator: ", ")
      steps.append(PlannedStep("leave out what cannot be read: \(names)"))
    }
    for relation in scope.unprotected {
      steps.append(PlannedStep("as it is when it is read, since no snapshot holds for \(relation)"))
    }
    if let policyReason {
      steps.append(PlannedStep("without what a policy hides from the role: \(policyReason)"))
    }
    if let splitBy { steps.append(PlannedStep("over several connections by ranges of \(splitBy)")) }
    if let zoned { steps.append(PlannedStep(zoned.label, isAsOf: false)) }
    if let hash { steps.append(PlannedStep(hash.label, isAsOf: false)) }
    if let watermark = kept?.watermark {
      steps.append(
        PlannedStep(
          "keep rows from run to run by \(watermark.column), late by up to \(watermark.late)"))
    }
    if let time = relation.time {
      let until = relation.validTo.map { " and \($0)" } ?? ""
      let arrived = relation.arrived.map { " and \($0)" } ?? ""
      steps.append(
        PlannedStep("keep what was known before, by \(time)\(arrived)\(until)"))
    }
    steps.append(PlannedStep("order by \(relation.key.joined(separator: ", "))"))
    return steps
  }

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let read = try await read(context)
    var numbers = NonFiniteNumbers(nonFinite, of: relation, secret: secretColumns)
    let frame = try numbers.applied(to: read.frame)
    var source = try SourceRelation(
      shape: relation, zone: zone, base: frame, undated: UndatedRows(of: frame, relation)
    ).known(before: context.asOf)
    let rows = source.rows(before: context.asOf)
    source.remembered = (context.asOf, rows)
    let leftOut = frame.rowCount - rows.rowCount
    return StageResult(
      output: .relation(source), rows: rows.rowCount,
      notes: read.notes + numbers.notes + remarks
        + (leftOut == 0
          ? [] : ["\(frame.rowCount) rows read, \(leftOut) not known before the as-of"]),
      warnings: try read.warnings + numbers.warnings
        + [relation.time, relation.arrived].compactMap { $0 }.compactMap { name in
          let nulls = try frame.column(name).nullCount
          return nulls > 0 ? "\(nulls) rows have no \(name) and are never seen" : nil
        } + keyWarnings(rows),
      details: .object(
        read.details.merging(protection) { $1 }
          .merging(["read": .integer(frame.rowCount), "left_out": .integer(leftOut)]) { $1 }
          .merging(numbers.details) { $1 }))
  }

  /// Columns of the key whose values no message may tell.
  private var secretColumns: Set<String> {
    Set(sourceSchema.fields.filter(\.isPersonal).map(\.name) + (hash?.columns ?? []))
  }

  private var protection: [String: JSONValue] {
    scope.unprotected.isEmpty
      ? [:] : ["without_snapshot": .array(scope.unprotected.map { .string($0) })]
  }

  /// What does not hold of these rows that holds of others.
  private var remarks: [String] {
    var remarks = scope.unprotected.map {
      "no snapshot holds for \($0): its rows are those of the moment when they were read"
    }
    if let policyReason {
      remarks.append("what a policy hides from the role was left out: \(policyReason)")
    }
    return remarks
  }

  func plan(_ plan: StagePlan, for demand: StageDemand) -> StagePlan {
    var work = demand.columns.map(narrowed) ?? self
    work.isMadeUnique = demand.isMadeUnique
    return work.plan(asOf: plan.asksFrom)
  }

  /// Reads less of a table. A SELECT of the author's own stays as it is, and so do rows that are kept
  /// from run to run, which other pipelines may want more of.
  private func narrowed(to columns: Set<String>) -> ExtractWork {
    let own =
      relation.key
      + [relation.time, relation.arrived, relation.validTo, splitBy].compactMap(\.self)
    let schema = Schema(
      sourceSchema.fields.filter { columns.contains($0.name) || own.contains($0.name) })
    guard let table, kept == nil, schema.fields.count < sourceSchema.fields.count,
      let select = try? table.selecting(schema.names)
    else { return self }
    let hash = hash?.narrowed(to: schema)
    var relation = relation
    relation.schema = Self.handedOn(schema, zoned, hash)
    return ExtractWork(
      stage: stage, connection: connection, select: select, table: table, splitBy: splitBy,
      zone: zone,
      zoned: zoned, scope: scope, policyReason: policyReason, sourceSchema: schema,
      hash: hash, relation: relation, lineage: lineage, kept: nil, unread: unread,
      nonFinite: nonFinite)
  }

  /// The columns as other stages see them.
  static func handedOn(_ source: Schema, _ zoned: ZonedTimes?, _ hash: RowStep.Hash?) -> Schema {
    let schema = zoned?.applied(to: source) ?? source
    var handedOn = hash?.hashed(schema) ?? schema
    for (name, why) in source.unread { handedOn.markUnread(name, because: why) }
    return handedOn
  }

  /// All rows in the order of their key, as other stages see them.
  private func read(_ context: any StageContext) async throws -> ReadRows {
    var read = try await readAsKept(context)
    guard let zoned else { return read }
    // Rows are kept as the source has them, by whose times they are asked for.
    read.frame = zoned.applied(to: read.frame)
    if relation.key.contains(where: zoned.columns.contains) {
      // Clocks that are set back show times in another order.
      read.frame = read.frame.ordered(by: relation.key)
    }
    return read
  }

  /// All rows in the order of their key, from the source or partly from what is kept.
  private func readAsKept(_ context: any StageContext) async throws -> ReadRows {
    guard let kept, let state = context.stateFolder else {
      let frame = try await rows(statement(asOf: context.asOf), context)
      try await context.sourceIsRead()
      return ReadRows(frame: frame.ordered(by: relation.key))
    }
    let read = try await KeptReading(
      plan: kept,
      source: KeptSource(plan: kept, connection: connection, select: select, table: table),
      key: relation.key, context: context, state: state,
      readAll: { try await rows(statement(asOf: nil), context).ordered(by: relation.key) },
      read: { try await rows($0, context) }
    ).rows()
    try await context.sourceIsRead()
    return read
  }

  /// The rows of a statement, without what must not be seen of them.
  private func rows(
    _ statement: PlannedStatement, _ context: any StageContext
  ) async throws -> Frame {
    let read: Frame
    do {
      read = try await context.read(statement)
    } catch let error as PostgresError where error.isOfNaN {
      throw await explained(error, context)
    }
    try verify(read.schema)
    // The planned schema knows what is personal and what changes in place.
    let named = Frame(schema: sourceSchema, columns: read.columns, rowCount: read.rowCount)
    return try hash?.hashed(named) ?? named
  }

  /// Which row has the NaN that could not be read.
  private func explained(
    _ error: PostgresError, _ context: any StageContext
  ) async -> StageFailure {
    let numbers = NotNumbers(
      column: error.column ?? "", select: select,
      key: relation.key.contains(where: secretColumns.contains) ? [] : relation.key, table: table)
    guard let query = try? numbers.query else { return numbers.failure(nil) }
    let statement = PlannedStatement(connection: connection, sql: query)
    return numbers.failure(try? await context.read(statement))
  }

  func reuse(of folder: StateFolder) -> [String] {
    kept?.reuse(of: folder, connection: connection) ?? []
  }

  /// What is wrong with the key of the rows that are seen, which are ordered by it.
  private func keyWarnings(_ rows: Frame) throws -> [String] {
    var warnings: [String] = try relation.key.compactMap { name in
      let nulls = try rows.column(name).nullCount
      guard nulls > 0 else { return nil }
      return "\(nulls) of \(rows.rowCount) rows have no \(name), which is part of the key: "
        + "reject them in a clean stage, or leave them out in the SELECT"
    }
    let repeats = isMadeUnique ? 0 : rows.repeats(of: relation.key)
    if repeats > 0 {
      warnings.append(
        "\(repeats) of \(rows.rowCount) rows repeat the key "
          + "\(relation.key.joined(separator: ", ")), and all of them count: deduplicate them in a "
          + "clean stage, or name a fuller key")
    }
    return warnings
  }

  /// The source may have changed since it was planned.
  private func verify(_ found: Schema) throws {
    let expected = sourceSchema
    for field in expected.fields {
      guard let labels = field.labels, let own = found[field.name]?.labels, own != labels else {
        continue
      }
      throw StageFailure(
        "the labels of the enum '\(field.name)' changed since they were checked",
        help: "run again: what compares it is checked against the labels that there are now")
    }
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
