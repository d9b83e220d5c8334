import Frames

/// The functions of the rows of a group.
public enum AggregateFunction: String, Sendable, CaseIterable {
  case count, sum, avg, min, max
  case boolOr = "bool_or"
  case boolAnd = "bool_and"
  case standardDeviation = "stddev_samp"
  case populationDeviation = "stddev_pop"
  case variance = "var_samp"
  case populationVariance = "var_pop"
  case mode, top
  case continuousPercentile = "percentile_cont"
  case discretePercentile = "percentile_disc"
  case median, first, last
  case share, entropy, slope
  case meanGap = "avg_gap_days"
  case gapDeviation = "stddev_gap_days"
  case gapVariation = "gap_variation"
  case longestStreak = "longest_streak"
  case currentStreak = "current_streak"
  case hourShare = "hour_share"
  case weekendShare = "weekend_share"
  case sessions
  case sessionMinutes = "avg_session_minutes"
  case sessionDepth = "avg_session_depth"
  case bounceRate = "bounce_rate"
  case cartAbandonment = "cart_abandonment"
  case abandonedCarts = "abandoned_carts"
  case openCarts = "open_carts"

  private static let synonyms: [String: AggregateFunction] = [
    "stddev": .standardDeviation, "variance": .variance, "every": .boolAnd,
  ]

  init?(named name: String) {
    guard let function = Self.synonyms[name] ?? AggregateFunction(rawValue: name) else {
      return nil
    }
    self = function
  }

  static var names: [String] { allCases.map(\.rawValue) + synonyms.keys.sorted() }

  /// Whether its values stand in `within group (order by …)`.
  var ordersValues: Bool {
    self == .mode || self == .continuousPercentile || self == .discretePercentile
  }

  /// Whether its result is one of the values, chosen by their order.
  var isOfOneValue: Bool {
    switch self {
    case .min, .max, .mode, .top, .discretePercentile, .first, .last: true
    default: false
    }
  }

  /// Whether it takes a fraction.
  var takesFraction: Bool { self == .continuousPercentile || self == .discretePercentile }

  /// Whether it looks at the time of the rows.
  var looksAtTime: Bool {
    self == .first || self == .last || self == .slope || isOfTimes || isOfCarts
  }

  /// Whether it is of carts, so that it takes a cart, whether it was bought, and an interval.
  var isOfCarts: Bool {
    self == .cartAbandonment || self == .abandonedCarts || self == .openCarts
  }

  /// Whether its result depends on how long ago rows are.
  var dependsOnAsOf: Bool { self == .currentStreak || isOfCarts }

  /// What it takes, for a message; nil where one value says it all.
  var usage: String? {
    switch self {
    case .top: "write top(category, 2) for the second most frequent value"
    case .cartAbandonment, .abandonedCarts, .openCarts:
      "write \(rawValue)(cart_id, kind = 'order', '24 hours')"
    default: nil
    }
  }

  /// How many arguments it takes where it does not order values.
  var argumentCount: Int { self == .top ? 2 : isOfCarts ? 3 : 1 }

  /// Whether it is one of the times of the rows alone, so that it takes no value.
  var isOfTimes: Bool { literal != nil || Self.ofGaps.contains(self) || self == .weekendShare }

  private static let ofGaps: Set<AggregateFunction> = [.meanGap, .gapDeviation, .gapVariation]

  /// The literals that an aggregate of times takes; nil for none.
  var literal: AggregateLiteral? {
    switch self {
    case .longestStreak, .currentStreak: .period
    case .hourShare: .hours
    case .sessions, .sessionMinutes, .sessionDepth, .bounceRate: .gap
    default: nil
    }
  }

  /// Whether it is a number for no rows too.
  var counts: Bool {
    switch self {
    case .count, .longestStreak, .currentStreak, .sessions, .abandonedCarts, .openCarts: true
    default: false
    }
  }

  /// The type of the result of an aggregate of times.
  var resultOfTimes: ColumnType { counts ? .int8 : .float8 }

  /// What it does, in one sentence, for the reference.
  public var about: String {
    switch self {
    case .count: "The number of rows, of values that are not null, or of different values."
    case .sum: "The sum of the values that are not null; null if there are none."
    case .avg: "The mean of the values that are not null, as float8; null if there are none."
    case .min: "The least value; null if there are none."
    case .max: "The greatest value; null if there are none."
    case .boolOr: "Whether one value is true; null if there are none."
    case .boolAnd: "Whether all values are true; null if there are none."
    case .standardDeviation:
      "The standard deviation of a sample, as float8; null for fewer than two values."
    case .populationDeviation: "The standard deviation, as float8; null if there are no values."
    case .variance: "The variance of a sample, as float8; null for fewer than two values."
    case .populationVariance: "The variance, as float8; null if there are no values."
    case .mode:
      "The most frequent value, the least of those: mode() within group (order by x), or mode(x)."
    case .top:
      "The k-th most frequent value, of equally frequent ones the least first; null if there are "
        + "fewer different values: top(category, 2)."
    case .continuousPercentile:
      "The value below which a fraction of the values lies, between two of them where need be, as "
        + "float8: percentile_cont(0.9) within group (order by x)."
    case .discretePercentile:
      "The first value that at least a fraction of the values does not exceed: percentile_disc(0.9) "
        + "within group (order by x)."
    case .median: "The value in the middle: percentile_cont(0.5) within group (order by x)."
    case .first:
      "The value of the earliest row by the relation's time, of rows with a value and a time; of "
        + "several at that time that of the first by the relation's key."
    case .last:
      "The value of the latest row by the relation's time, of rows with a value and a time; of "
        + "several at that time that of the last by the relation's key."
    case .share:
      "The share of true values among those that are not null, avg(x::int), as float8; null if there "
        + "are none: share(city = 'Kiel')."
    case .entropy:
      "Shannon's entropy of the values in nats, -sum(p * ln(p)) over the shares p of different "
        + "values, as float8: 0 for one value, ln(n) for n equally frequent ones; null if there are "
        + "none."
    case .slope:
      "The slope of the least-squares line through the values over the relation's time, per day: "
        + "regr_slope(x, extract(epoch from time) / 86400), as float8; null for fewer than two "
        + "different times."
    case .meanGap:
      "The mean of the elapsed days (24 hours) from one row to the next by the relation's time, "
        + "(max - min) / (rows - 1), as float8; null for fewer than two rows."
    case .gapDeviation:
      "The standard deviation of a sample, stddev_samp, of the elapsed days from one row to the next, "
        + "as float8; null for fewer than three rows."
    case .gapVariation:
      "How irregular the rows come, the coefficient of variation: stddev_gap_days() / "
        + "avg_gap_days(); null for fewer than three rows, and if all have one time."
    case .longestStreak:
      "The most consecutive calendar days, weeks (from Monday) or months with a row each, in the "
        + "pipeline's time zone: longest_streak('week'); 0 if there are no rows."
    case .currentStreak:
      "The consecutive calendar days, weeks or months with a row each that lead up to the as-of; its "
        + "own, which is not over, is counted if it has a row and breaks nothing if it has none: "
        + "current_streak('day')."
    case .hourShare:
      "The share of rows whose local hour is from the first on and before the second, over midnight "
        + "if that is less, as float8; null if there are no rows: hour_share(22, 6)."
    case .weekendShare:
      "The share of rows on a Saturday or Sunday of the pipeline's time zone, as float8; null if "
        + "there are no rows."
    case .sessions:
      "The number of sessions: a new one begins with a row that is more than the gap after the row "
        + "before: sessions('30 minutes')."
    case .sessionMinutes:
      "The mean of the sessions' minutes from first to last row, 0 for a session of one row, as "
        + "float8; null if there are no rows: avg_session_minutes('30 minutes')."
    case .sessionDepth:
      "The mean number of rows of a session, as float8; null if there are no rows: "
        + "avg_session_depth('30 minutes')."
    case .bounceRate:
      "The share of sessions of one row, as float8; null if there are no rows: "
        + "bounce_rate('30 minutes')."
    case .cartAbandonment:
      "The share of carts that were left: abandoned_carts(…) / (abandoned ones + those bought in "
        + "time), of carts whose time is up at the as-of, as float8; null if there are none: "
        + "cart_abandonment(cart_id, kind = 'order', '24 hours')."
    case .abandonedCarts:
      "The number of carts with no row in which they are bought from their last other row on and "
        + "before the interval after it, where that has passed at the as-of: "
        + "abandoned_carts(cart_id, kind = 'order', '24 hours')."
    case .openCarts:
      "The number of carts that may still be bought in time: not bought since their last other row, "
        + "from which the interval has not passed at the as-of: "
        + "open_carts(cart_id, kind = 'order', '24 hours')."
    }
  }

  /// The type of the result for an argument; nil where the aggregate does not take it.
  func result(for argument: ColumnType) -> ColumnType? {
    switch self {
    case .count: return argument == .jsonb ? nil : .int8
    case .sum:
      switch argument {
      case .int2, .int4: return .int8
      case .int8: return .numeric(precision: ColumnType.maximumPrecision, scale: 0)
      case .numeric(_, let scale):
        return .numeric(precision: ColumnType.maximumPrecision, scale: scale)
      case .float4, .float8: return argument
      default: return nil
      }
    case .avg, .standardDeviation, .populationDeviation, .variance, .populationVariance,
      .continuousPercentile, .median, .slope:
      return argument.isNumber ? .float8 : nil
    case .min, .max:
      switch argument {
      case .bool, .uuid, .jsonb: return nil
      default: return argument
      }
    case .entropy: return argument == .jsonb ? nil : .float8
    case .share: return argument == .bool ? .float8 : nil
    case .mode, .top, .discretePercentile, .first, .last: return argument == .jsonb ? nil : argument
    case .boolOr, .boolAnd: return argument == .bool ? .bool : nil
    case .cartAbandonment: return argument == .jsonb ? nil : .float8
    case .abandonedCarts, .openCarts: return argument == .jsonb ? nil : .int8
    default: return nil
    }
  }
}
