import Frames

extension Aggregate {
  static let ofShares: [Aggregate] = [
    Aggregate(
      "share",
      "The share of true values among those that are not null, avg(x::int), as float8; null if there "
        + "are none: share(city = 'Kiel').",
      mistyped: { _, _ in "name a condition, as in share(city = 'Kiel')" },
      result: { $0 == .bool ? .float8 : nil }, states: { _ in AggregateUse.share.states },
      postgres: { rows throws(Inexpressible) in try AggregateUse.share.postgres(rows) }),
    Aggregate(
      "entropy",
      "Shannon's entropy of the values in nats, -sum(p * ln(p)) over the shares p of different "
        + "values, as float8: 0 for one value, ln(n) for n equally frequent ones; null if there are "
        + "none.",
      result: { $0 == .jsonb ? nil : .float8 },
      states: { _ in .all { CollectedState($0, $1, $2, .entropy) } },
      postgres: { rows throws(Inexpressible) in
        let values = try rows.values
        return rows.query(
          """
          select sum(n / total * ln(total / n) order by n) from (\
          select count(*)::double precision as n, (sum(count(*)) over ())::double precision as total \
          from \(values) where v is not null group by v) c
          """)
      }),
    slope,
  ]
}

extension AggregateUse {
  /// `share` of a condition.
  static let share = AggregateUse(
    id: AggregateID(name: "share", takes: [.bool], literals: [], isDistinct: false),
    states: .blocks { ShareState(groupCount: $0) }, dependsOnAsOf: false,
    postgres: { rows in
      rows.call("avg", SQLTerm("\(rows.value.nested)::integer::double precision"))
    })
}
