import Frames
import TestSupport
import Testing

@testable import PipelineFiles
@testable import Stages

@Suite struct SegmentTests {
  private func table(_ recency: [Int?], _ frequency: [Int?], _ spend: [Int?]) -> Frame {
    frame([
      (Field("id", .int8, isNullable: false), Array(1...recency.count)),
      (Field("recency", .int4), recency), (Field("frequency", .int4), frequency),
      (Field("spend", .int8), spend),
    ])
  }

  private func stages(_ rules: String, rfm: Bool = true) -> String {
    """
    users: { extract: { from: shop, table: shop.users, key: id } }
    out:
      segment:
        input: users
        \(rfm ? "rfm: { recency: recency, frequency: frequency, monetary: spend }" : "")
        rules: [ \(rules) ]
        otherwise: rest
    """
  }

  @Test func `the first rule that holds is taken`() async throws {
    let outcome = try await run(
      stages(
        """
        { name: big, when: spend > 50 }, { name: some, when: spend > 10 },
              { name: big, when: frequency = 9 }, { name: nobody, when: spend > 1000 }
        """, rfm: false),
      ["users": table([1, 1, 1, 1, 1], [0, 9, 0, 9, nil], [60, 60, 20, 5, nil])])
    #expect(
      try await outcome.frame("out").texts("segment") == ["big", "big", "some", "big", "rest"])
    let result = try #require(outcome.results["out"])
    #expect(result.notes == ["big 3, some 1, nobody 0, rest 1"])
  }

  /// Fifths by the definition of percentile_disc: 1 + the number of breaks below the value.
  @Test(arguments: 0..<10) func `fifths are those of the column`(seed: Int) async throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let count = [1, 4, 5, 7, 50, 333].randomElement(using: &random) ?? 5
    func values() -> [Int?] {
      (0..<count).map { _ in
        Int.random(in: 0..<10, using: &random) == 0 ? nil : Int.random(in: 0..<60, using: &random)
      }
    }
    let (recency, frequency, spend) = (values(), values(), values())
    let out = try await run(
      stages("{ name: best, when: r = 5 and f = 5 and m = 5 }"),
      ["users": table(recency, frequency, spend)]
    ).frame("out")
    func fifths(_ values: [Int?], lessIsBetter: Bool) -> [Int?] {
      let sorted = values.compactMap { $0 }.sorted()
      let breaks = (1...4).compactMap { fifth in
        sorted.enumerated().first { ($0.offset + 1) * 5 >= fifth * sorted.count }?.element
      }
      return values.map { value in
        value.map { value in
          let below = breaks.count { $0 < value }
          return lessIsBetter ? 5 - below : 1 + below
        }
      }
    }
    let (r, f) = (fifths(recency, lessIsBetter: true), fifths(frequency, lessIsBetter: false))
    let m = fifths(spend, lessIsBetter: false)
    #expect(out.integers("r") == r && out.integers("f") == f && out.integers("m") == m)
    let best = zip(zip(r, f), m).map { $0.0 == 5 && $0.1 == 5 && $1 == 5 ? "best" : "rest" }
    #expect(out.texts("segment") == best)
  }

  @Test func `planning names what is wrong`() {
    let users = frame([
      (Field("id", .int8), []), (Field("recency", .int4), []), (Field("frequency", .text), []),
      (Field("m", .int4), []),
    ])
    let found = messages(
      stages("{ name: a, when: f + 1 }").replacing("monetary: spend", with: "monetary: m"),
      ["users": users])
    #expect(found.contains("error: 'frequency' is of type text, not a number"))
    #expect(found.contains("error: the input has a column 'm' already"))
  }

  /// With many equal values some of the five are missing, and a rule may ask for one of them.
  @Test func `a rule that fits nobody is warned of`() async throws {
    let orders = Array(repeating: 1, count: 8) + [2, 3]
    let outcome = try await run(
      stages("{ name: loyal, when: f = 2 or f = 3 }, { name: rich, when: spend > 0 }"),
      ["users": table(Array(1...10), orders, Array(1...10))])
    let result = try #require(outcome.results["out"])
    #expect(Set(try await outcome.frame("out").integers("f")) == [1, 5])
    #expect(
      result.warnings == [
        "the rule of segment loyal fits none of the 10 rows: f = 2 or f = 3; f has the values 1, 5 "
          + "only, because many rows have one frequency"
      ])
    #expect(
      result.notes.contains("f has the values 1, 5 only, because many rows have one frequency"))
  }
}
