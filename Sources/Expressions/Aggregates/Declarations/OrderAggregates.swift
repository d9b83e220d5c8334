import Frames

/// Aggregates that look at all values of a group in their order, or how frequent they are.
extension Aggregate {
  static let ofOrder: [Aggregate] = [
    Aggregate(
      "mode",
      "The most frequent value, the least of those: mode() within group (order by x), or mode(x).",
      .ordered, .isOneValue, result: anyValue,
      states: { _ in .all { CollectedState($0, $1, $2, .mode) } },
      postgres: { rows in rows.chosen(rows.withinGroup("mode()", rows.ordered)) }),
    Aggregate(
      "top",
      "The k-th most frequent value, of equally frequent ones the least first; null if there are "
        + "fewer different values: top(category, 2).",
      .valueAndLiteral, .isOneValue, literal: Rank.self,
      usage: "write top(category, 2) for the second most frequent value", result: anyValue,
      states: { rank, _ in .all { CollectedState($0, $1, $2, .ranked(rank.number)) } },
      postgres: { rank, rows throws(Inexpressible) in
        let order = rows.valueType == .text ? "v collate \"C\"" : "v"
        let values = try rows.values
        return rows.query(
          "select v from \(values) where v is not null group by v order by count(*) desc, \(order) "
            + "offset \(rank.number - 1) limit 1")
      }),
    Aggregate(
      "percentile_cont",
      "The value below which a fraction of the values lies, between two of them where need be, as "
        + "float8: percentile_cont(0.9) within group (order by x).",
      .orderedAfterLiteral, literal: Fraction.self, result: number,
      states: { fraction, _ in .all { CollectedState($0, $1, $2, .continuous(fraction.value)) } },
      postgres: { fraction, rows in
        rows.withinGroup("percentile_cont(\(fraction.text))", rows.number)
      }),
    Aggregate(
      "percentile_disc",
      "The first value that at least a fraction of the values does not exceed: percentile_disc(0.9) "
        + "within group (order by x).",
      .orderedAfterLiteral, .isOneValue, literal: Fraction.self, result: anyValue,
      states: { fraction, _ in .all { CollectedState($0, $1, $2, .discrete(fraction.value)) } },
      postgres: { fraction, rows in
        rows.chosen(rows.withinGroup("percentile_disc(\(fraction.text))", rows.ordered))
      }),
    Aggregate(
      "median", "The value in the middle: percentile_cont(0.5) within group (order by x).",
      result: number, states: { _ in .all { CollectedState($0, $1, $2, .continuous(0.5)) } },
      postgres: { rows in rows.withinGroup("percentile_cont(0.5)", rows.number) }),
  ]

  /// What is one of the values.
  static let anyValue: @Sendable (ColumnType) -> ColumnType? = { $0 == .jsonb ? nil : $0 }
}

extension Fraction {
  fileprivate var text: String { FloatText.format(value, isSingle: false) }
}
