import Diagnostics
import Expressions
import Frames
import TestSupport
import Testing

@testable import MemoryEngine
@testable import PipelineFiles
@testable import Relations
@testable import Stages

@Suite struct ClipTests {
  private func quantile(_ text: String) throws -> Double {
    try Quantile(
      parsing: Snippet(verbatim: SourceFile(name: "f", text: text).whole)
    ).fraction
  }

  @Test func `quantiles are the nearest numbers`() throws {
    // 99.9 / 100 is the double after 0.999, which would cut at the next row.
    #expect(try quantile("p99.9") == 0.999)
    #expect(try quantile("p0.7") == 0.007)
    #expect(try quantile("p0") == 0)
    #expect(try quantile("p100") == 1)
    for text in ["", "p", "99", "p101", "p-1", "p1e1", "pnan", "P50", "p 5"] {
      #expect(throws: WordTrouble.self) { try quantile(text) }
    }
  }

  /// `percentile_disc` by its definition: the first value whose share of values at or below it
  /// reaches the fraction. Per mille, so that it can be counted in integers.
  private func percentile(_ values: [Int], perMille: Int) -> Int? {
    values.sorted().enumerated().first { ($0.offset + 1) * 1000 >= perMille * values.count }?
      .element
  }

  @Test(arguments: 0..<40) func `clips at percentiles`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let count = [1, 2, 3, 10, 100, 999, 1000, 1001].randomElement(using: &random) ?? 1
    let values = (0..<count).map { _ in
      Int.random(in: 0..<12, using: &random) == 0
        ? nil : Int.random(in: -50...(seed % 2 == 0 ? 5 : 5000), using: &random)
    }
    let table = frame([(Field("n", .int8), values)])
    for (low, high) in [(0, 999), (10, 990), (0, 500), (250, 750), (1, 2), (7, 1000)] {
      let operation = RowStep.Clip(
        Field("n", .int8), lower: try quantile("p\(low / 10).\(low % 10)"),
        upper: try quantile("p\(high / 10).\(high % 10)"))
      let outcome = try operation.apply(
        to: table, in: EvaluationContext(asOf: day(2026, 1, 1), zone: .utc))
      let known = values.compactMap { $0 }
      guard let least = percentile(known, perMille: low),
        let most = percentile(known, perMille: high)
      else { continue }
      let expected = values.map { $0.map { min(max($0, least), most) } }
      #expect(outcome.frame.integers("n") == expected, "[\(low), \(high)] of \(known.count)")
      #expect(outcome.changed == zip(values, expected).count { $0 != $1 })
    }
  }

  /// `percentile_cont` by its definition, rounded to the type.
  @Test(arguments: 0..<20) func `clips at interpolated percentiles`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let count = [1, 2, 3, 10, 99, 1000].randomElement(using: &random) ?? 1
    let values = (0..<count).map { _ in
      Int.random(in: 0..<12, using: &random) == 0 ? nil : Int.random(in: -50...5000, using: &random)
    }
    func bound(_ known: [Int], _ fraction: Double) -> Double {
      let place = fraction * Double(known.count - 1)
      let (low, high) = (known[Int(place.rounded(.down))], known[Int(place.rounded(.up))])
      return Double(low) + (place - place.rounded(.down)) * Double(high - low)
    }
    let table = frame([(Field("n", .int8), values)])
    for (lower, upper) in [(0.0, 0.999), (0.01, 0.99), (0.25, 0.75), (0.5, 1.0)] {
      let operation = RowStep.Clip(
        Field("n", .int8), lower: lower, upper: upper, interpolates: true)
      let outcome = try operation.apply(
        to: table, in: EvaluationContext(asOf: day(2026, 1, 1), zone: .utc))
      let known = values.compactMap { $0 }.sorted()
      guard !known.isEmpty else { continue }
      let (least, most) = (bound(known, lower).rounded(), bound(known, upper).rounded())
      let expected = values.map { $0.map { Int(min(max(Double($0), least), most)) } }
      #expect(outcome.frame.integers("n") == expected)
      #expect(outcome.changed == zip(values, expected).count { $0 != $1 })
    }
  }

  /// A bound between two values lies between them, however far apart they are.
  @Test(arguments: [0.0, 0.1, 0.4, 0.5, 0.6, 0.9, 1.0])
  func `bounds between far neighbours`(share: Double) throws {
    let context = EvaluationContext(asOf: day(2026, 1, 1), zone: .utc)
    let whole = [Int(Int64.min) + 1, Int(Int64.max) - 1]
    let clipped = try RowStep.Clip(
      Field("n", .int8), lower: share, upper: 1, interpolates: true
    ).apply(to: frame([(Field("n", .int8), whole)]), in: context).frame.integers("n")
    #expect(clipped[1] == whole[1])
    let expected = Double(whole[0]) * (1 - share) + Double(whole[1]) * share
    #expect(abs(Double(try #require(clipped[0])) - expected) <= 1e4)
    let great = Int128(10_000_000_000_000_000_000_000_000_000_000_000_000) * 9
    let column = Column(
      type: .numeric(precision: 38, scale: 0), values: .int128([-great, great]), validity: nil)
    let bound = column.clipped(between: share, and: 1).column
    guard case .int128(let values) = bound.values else {
      Issue.record("no int128")
      return
    }
    #expect(values[1] == great)
    #expect(abs(Double(values[0]) - (2 * share - 1) * Double(great)) <= 1e23)
  }

  @Test func `nulls and nothing stay`() throws {
    let operation = RowStep.Clip(Field("n", .int8), lower: 0.1, upper: 0.9)
    let context = EvaluationContext(asOf: day(2026, 1, 1), zone: .utc)
    let columns: [[Int?]] = [[], [nil], [nil, nil], [3], [nil, 3]]
    for values in columns {
      let outcome = try operation.apply(to: frame([(Field("n", .int8), values)]), in: context)
      #expect(outcome.frame.integers("n") == values)
      #expect(outcome.changed == 0)
    }
  }

  /// NaN is the greatest number, as in Postgres.
  @Test func `not a number is greatest`() throws {
    let table = frame([(Field("x", .float8), [1.0, Double.nan, 2.0, 3.0])])
    let outcome = try RowStep.Clip(Field("x", .float8), lower: 0.26, upper: 0.75).apply(
      to: table, in: EvaluationContext(asOf: day(2026, 1, 1), zone: .utc))
    #expect(outcome.frame.doubles("x") == [2, 3, 2, 3])
  }
}
