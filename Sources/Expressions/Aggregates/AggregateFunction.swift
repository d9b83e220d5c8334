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
  case mode
  case continuousPercentile = "percentile_cont"
  case discretePercentile = "percentile_disc"
  case median, first, last

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

  /// Whether it takes a fraction.
  var takesFraction: Bool { self == .continuousPercentile || self == .discretePercentile }

  /// Whether it looks at the time of the rows.
  var looksAtTime: Bool { self == .first || self == .last }

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
    case .continuousPercentile:
      "The value below which a fraction of the values lies, between two of them where need be, as "
        + "float8: percentile_cont(0.9) within group (order by x)."
    case .discretePercentile:
      "The first value that at least a fraction of the values does not exceed: percentile_disc(0.9) "
        + "within group (order by x)."
    case .median: "The value in the middle: percentile_cont(0.5) within group (order by x)."
    case .first:
      "The value of the earliest row by the relation's time, of rows with a value and a time; the "
        + "least one of several at that time."
    case .last:
      "The value of the latest row by the relation's time, of rows with a value and a time; the "
        + "greatest one of several at that time."
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
      .continuousPercentile, .median:
      return argument.isNumber ? .float8 : nil
    case .min, .max:
      switch argument {
      case .bool, .uuid, .jsonb: return nil
      default: return argument
      }
    case .mode, .discretePercentile, .first, .last: return argument == .jsonb ? nil : argument
    case .boolOr, .boolAnd: return argument == .bool ? .bool : nil
    }
  }
}
