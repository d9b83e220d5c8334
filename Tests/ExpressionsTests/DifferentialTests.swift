import Diagnostics
import Foundation
import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

@Suite struct DifferentialTests {
  /// Random expressions over random rows give what Postgres gives, type and failures included.
  @Test(arguments: ExpressionGenerator.Kind.allCases)
  func `agrees with Postgres`(kind: ExpressionGenerator.Kind) async throws {
    // ROOST_SEED=n tries other expressions.
    let base = ProcessInfo.processInfo.environment["ROOST_SEED"].flatMap(UInt64.init) ?? 1
    let seed = kind.rawValue.utf8.reduce(base) { $0 &* 31 &+ UInt64($1) }
    try await withDatabase { database in
      let oracle = try await Oracle(database.connection, rows: 60, seed: seed)
      var generator = ExpressionGenerator(random: SeededGenerator(seed: seed))
      var compared = 0
      for _ in 0..<(kind == .bool ? 250 : 100) {
        let pair = generator.expression(
          kind, depth: Int.random(in: 1...3, using: &generator.random))
        // Postgres gets what we print, so that printing is compared too.
        let printed = try parse(pair.theirs).sql
        let expression: TypedExpression
        do {
          expression = try typed(pair.ours, oracle.frame.schema)
        } catch let mistake as Mistake
          where mistake.diagnostics.contains(where: { $0.code == .tooManyDigits })
        {
          continue
        } catch let mistake as Mistake {
          // What we refuse before it runs Postgres refuses too.
          await #expect(throws: PostgresError.self, "\(mistake)") {
            try await oracle.postgres(printed)
          }
          continue
        }
        let ours = oracle.ours(expression)
        let (type, theirs) = try await oracle.postgres(printed)
        #expect(
          type.isEmpty || expression.type.sqlName.hasPrefix(type),
          "type of \(pair.ours) (seed \(seed))")
        let row = zip(ours, theirs).enumerated().first { !agree($1.0, $1.1, expression.type) }
        if let (row, (a, b)) = row {
          Issue.record(
            "row \(row) of \(pair.ours): ours \(a), Postgres \(b); seed \(seed): \(inputs(oracle, expression, row))"
          )
        }
        try await compareTyped(expression, "\(pair.ours) (seed \(seed))", oracle)
        compared += 1
      }
      #expect(compared > 50)
    }
  }

  /// What is printed from the types gives in Postgres what it gives here, to the last digit and place.
  private func compareTyped(
    _ expression: TypedExpression, _ what: String, _ oracle: Oracle
  ) async throws {
    let (sql, zone) = try oracle.printed(expression)
    let ours = oracle.ours(expression, shownIn: zone)
    let (type, theirs) = try await oracle.postgres(sql, zone: zone.name)
    #expect(
      type.isEmpty || expression.type.sqlName.hasPrefix(type), "type of \(what), printed as \(sql)")
    let row = zip(ours, theirs).enumerated().first { pair in
      if case (.value(let a), .value(let b)) = pair.element, expression.type.isNumeric {
        return a != b
      }
      return !agree(pair.element.0, pair.element.1, expression.type)
    }
    if let (row, (a, b)) = row {
      Issue.record(
        """
        row \(row) of \(what), printed as \(sql): ours \(a), Postgres \(b): \
        \(inputs(oracle, expression, row))
        """)
    }
  }

  /// `lower` and `upper` of the letters of the first two planes.
  @Test func `maps case as Postgres`() async throws {
    try await withDatabase { database in
      let rows = try await database.connection.query(
        """
        select * from (
          select n, ascii(lower(chr(n))) as low, ascii(upper(chr(n))) as up
          from generate_series(128, 131071) n where n not between 55296 and 57343) as mapped
        where low <> n or up <> n
        """)
      var theirs: [Int: [Int]] = [:]
      for row in rows { theirs[try row.int("n")] = [try row.int("low"), try row.int("up")] }
      #expect(theirs.count > 2000)
      for scalar in (128...131071).compactMap(Unicode.Scalar.init) {
        let low = CaseMapping.map(scalar, upper: false)
        let up = CaseMapping.map(scalar, upper: true)
        // Letters that are newer than the C library map to themselves there.
        let isNew = [scalar, low, up].contains { ($0.properties.age?.major ?? 0) > 14 }
        let value = Int(scalar.value)
        if !isNew, [Int(low.value), Int(up.value)] != theirs[value, default: [value, value]] {
          Issue.record("the cases of U+\(String(value, radix: 16))")
        }
      }
    }
  }

  private func inputs(_ oracle: Oracle, _ expression: TypedExpression, _ row: Int) -> String {
    expression.columns.sorted().map { name in
      "\(name) = \(oracle.frame[name].flatMap { oracle.text($0, row) } ?? "null")"
    }.joined(separator: ", ")
  }

  private func agree(_ a: Oracle.Outcome, _ b: Oracle.Outcome, _ type: ColumnType) -> Bool {
    switch (a, b) {
    case (.failure(Oracle.limit), _): true
    // A text that is no number may also be one that is too large, depending on who looks first.
    case (.failure("22P02"), .failure("22003")): true
    case (.failure(let a), .failure(let b)): a == b
    case (.value(let a?), .value(let b?)) where type.isNumeric:
      // Postgres keeps each value's own number of places.
      Decimal.parse(a).map { Decimal.double($0.unscaled, scale: $0.scale) }
        == Decimal.parse(b).map { Decimal.double($0.unscaled, scale: $0.scale) }
    case (.value(let a?), .value(let b?)) where type == .timestamptz && a != b:
      // Zones are known from 1900 to 2100.
      !["19", "20"].contains(b.prefix(2)) && a.prefix(2) == b.prefix(2)
    default: a == b
    }
  }
}
