import Frames

/// Aggregates of values by the time of their rows.
extension Aggregate {
  static let ofTime: [Aggregate] = [
    timed(
      "first",
      "The value of the earliest row by the relation's time, of rows with a value and a time; of "
        + "several at that time that of the first by the relation's key.", isLast: false),
    timed(
      "last",
      "The value of the latest row by the relation's time, of rows with a value and a time; of "
        + "several at that time that of the last by the relation's key.", isLast: true),
  ]

  private static func timed(_ name: String, _ about: String, isLast: Bool) -> Aggregate {
    Aggregate(
      name, about, .value, [.looksAtTime, .isOneValue], result: anyValue,
      states: { _ in
        .overTime { rows in
          var groups = rows.groups
          for row in groups.indices where rows.instants.isNull(row) { groups[row] = -1 }
          return TimedState(
            rows.values, rows.instants.int64s.values, groups, rows.layout.count, isLast: isLast)
        }
      },
      postgres: { rows in rows.first(isLast: isLast) })
  }

  static let slope = Aggregate(
    "slope",
    "The slope of the least-squares line through the values over the relation's time, per day: "
      + "regr_slope(x, extract(epoch from time) / 86400), as float8; null for fewer than two "
      + "different times.",
    .value, .looksAtTime, result: number,
    states: { _ in
      .overTime { SlopeState($0.values, $0.times, $0.groups, $0.layout.count) }
    },
    postgres: { rows in
      let days = "extract(epoch from \(rows.time.text))::double precision / 86400"
      return rows.call(
        "regr_slope", SQLTerm("\(rows.number.text), \(days)"), where: [rows.hasTime])
    })
}
