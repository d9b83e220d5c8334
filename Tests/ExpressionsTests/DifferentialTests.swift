import Diagnostics
import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

@Suite struct DifferentialTests {
  /// Random expressions over random rows give what Postgres gives, type and failures included.
  @Test(arguments: ExpressionGenerator.Kind.allCases)
  func agreesWithPostgres(kind: ExpressionGenerator.Kind) async throws {
    let seed = UInt64(kind.rawValue.utf8.reduce(7) { $0 &* 31 &+ Int($1) })
    try await withDatabase { database in
      let oracle = try await Oracle(database.connection, rows: 60, seed: seed)
      var generator = ExpressionGenerator(random: SeededGenerator(seed: seed))
      var compared = 0
      for _ in 0..<(kind == .bool ? 400 : 150) {
        let pair = generator.expression(
          kind, depth: Int.random(in: 1...3, using: &generator.random))
        let expression: TypedExpression
        do {
          expression = try typed(pair.ours, oracle.frame.schema)
        } catch let mistake as Mistake where mistake.diagnostics.first?.code == .tooManyDigits {
          continue
        }
        let ours = oracle.ours(expression)
        let (type, theirs) = try await oracle.postgres(pair.theirs)
        #expect(
          type.isEmpty || expression.type.sqlName.hasPrefix(type),
          "type of \(pair.ours) (seed \(seed))")
        let row = zip(ours, theirs).enumerated().first { !agree($1.0, $1.1, expression.type) }
        if let (row, (a, b)) = row {
          Issue.record(
            "row \(row) of \(pair.ours): ours \(a), Postgres \(b); seed \(seed): \(inputs(oracle, expression, row))"
          )
        }
        compared += 1
      }
      #expect(compared > 50)
    }
  }

  private func inputs(_ oracle: Oracle, _ expression: TypedExpression, _ row: Int) -> String {
    expression.columns.sorted().map { name in
      "\(name) = \(oracle.frame[name].flatMap { oracle.text($0, row) } ?? "null")"
    }.joined(separator: ", ")
  }

  private func agree(_ a: Oracle.Outcome, _ b: Oracle.Outcome, _ type: ColumnType) -> Bool {
    switch (a, b) {
    // Beyond 38 digits Postgres goes on.
    case (.failure("38 digits"), _): true
    case (.failure(let a), .failure(let b)): a == b
    case (.value(let a?), .value(let b?)) where type.isNumeric:
      // Postgres keeps each value's own number of places.
      Decimal.parse(a).map { Decimal.double($0.unscaled, scale: $0.scale) }
        == Decimal.parse(b).map { Decimal.double($0.unscaled, scale: $0.scale) }
    default: a == b
    }
  }
}
