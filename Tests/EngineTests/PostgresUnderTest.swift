import Cryptography
import EngineConformance
import Expressions
import Frames
import PostgresClient
import RelationSQL
import Relations

/// Postgres, by the SQL that is printed of plans.
struct PostgresUnderTest: ConformingEngine {
  let database: PostgresConnection

  func outcome(of example: ConformanceCase) async throws -> EngineOutcome {
    let spelling = try Self.spelling(example.tables, at: example.askedAt, example.zone)
    return try await outcome(example.tables, example.zone, example.plan.shape) {
      () throws(UnprintableRows) in try example.plan.sql(in: .postgres, spelling)
    }
  }

  func outcome(of example: LabelCase) async throws -> EngineOutcome {
    let cutoff = try Self.spelling(example.tables, at: example.cutoff, example.zone)
    let seen = try Self.spelling(example.tables, at: example.asOf, example.zone)
    return try await outcome(example.tables, example.zone, example.shape) {
      () throws(UnprintableRows) in
      try example.label.sql(
        of: example.entities, over: example.rows, at: cutoff, seen: seen, in: .postgres)
    }
  }

  func outcome(of example: CheckCase) async throws -> EngineOutcome {
    let spelling = try Self.spelling(example.tables, at: example.asOf, example.zone)
    let others = example.other.map { [$0.name: $0] } ?? [:]
    return try await outcome(example.tables, example.zone, example.shape) {
      () throws(UnprintableRows) in
      try example.check.sql(of: example.rows, beside: others, in: .postgres, spelling)
    }
  }

  private func outcome(
    _ tables: [String: GeneratedTable], _ zone: CalendarZone, _ shape: RelationShape,
    _ print: () throws(UnprintableRows) -> PrintedRelation
  ) async throws -> EngineOutcome {
    let printed: PrintedRelation
    do throws(UnprintableRows) {
      printed = try print()
    } catch {
      return .inexpressible(error.reason)
    }
    do {
      try await database.execute(script: "BEGIN; SET LOCAL timezone = '\(zone.name)'")
      for (name, table) in tables { try await load(table, as: name) }
      for assertion in printed.assertions {
        if try await !database.query(assertion.select).isEmpty {
          try await database.execute(script: "ROLLBACK")
          return .failure(assertion.about)
        }
      }
      let read = try await database.copyOut(printed.sql)
      try await database.execute(script: "ROLLBACK")
      let schema = Schema(
        zip(shape.schema.fields, read.schema.fields).map { planned, found in
          Field(found.name, planned.type.sqlName.hasPrefix("numeric") ? planned.type : found.type)
        })
      return .rows(try Self.scaled(read, to: schema))
    } catch let error as PostgresError {
      try await database.execute(script: "ROLLBACK")
      // Only what rows do is a failure of the rows.
      if error.sqlState?.hasPrefix("22") == true { return .noValue(error.description) }
      throw PrintedSQLFailed(sql: printed.sql, error: error)
    }
  }

  /// SQL that Postgres does not take.
  struct PrintedSQLFailed: Error, CustomStringConvertible {
    let sql: String
    let error: PostgresError
    var description: String { "\(error)\n\(sql)" }
  }

  /// The numerics of a frame with the places of a schema, where that changes no value.
  private static func scaled(_ frame: Frame, to schema: Schema) throws -> Frame {
    let columns = zip(frame.columns, schema.fields).map { column, field -> Column in
      guard case .numeric(_, let found) = column.type, case .numeric(_, let planned) = field.type
      else { return column }
      let factor = (0..<abs(planned - found)).reduce(Int128(1)) { product, _ in product * 10 }
      let values: [Int128]
      switch column.values {
      case .int64(let narrow): values = narrow.map { Int128($0) }
      case .int128(let wide): values = wide
      default: return column
      }
      let scaled = values.map { planned >= found ? $0 * factor : $0 / factor }
      return Column(
        type: field.type,
        values: field.type.storage == .int64
          ? .int64(scaled.map { Int64($0) }) : .int128(scaled), validity: column.validity)
    }
    return Frame(schema: schema, columns: columns, rowCount: frame.rowCount)
  }

  private func load(_ table: GeneratedTable, as name: String) async throws {
    let columns = table.shape.schema.fields.map {
      "\"\($0.name)\" \($0.type.sqlName)"
    }
    try await database.execute(
      script: "CREATE TEMP TABLE \"\(name)\" (\(columns.joined(separator: ", "))) ON COMMIT DROP")
    try await database.copyIn(table.frame, into: QualifiedName(name: name))
  }

  private static func spelling(
    _ tables: [String: GeneratedTable], at instant: Instant, _ zone: CalendarZone
  ) throws -> RelationSpelling {
    let expressions = SQLSpelling(asOf: .instant(instant), zone: zone, isZoneOfSession: true)
    let block =
      CaseGenerator.key.count > 64
      ? try Digest.sha256(CaseGenerator.key) : CaseGenerator.key
    let padded = block + Array(repeating: UInt8(0), count: 64 - block.count)
    func bytes(_ pad: UInt8) -> String {
      "'\\x"
        + padded.map { byte in
          let text = String(byte ^ pad, radix: 16)
          return text.count < 2 ? "0\(text)" : text
        }.joined() + "'::bytea"
    }
    var spelling = RelationSpelling(
      expressions: expressions, hashKey: .init(inner: bytes(0x36), outer: bytes(0x5c))
    ) { name, rows in
      guard let shape = tables[name]?.shape else { return .table(name) }
      let seen = shape.visibility(rows, in: .postgres, expressions)
      return .select(
        "select *\nfrom pg_temp.\"\(name)\"\(seen.map { "\nwhere \($0)" } ?? "")")
    }
    spelling.at = { try? Self.spelling(tables, at: $0.asOf, $0.zone) }
    return spelling
  }
}
