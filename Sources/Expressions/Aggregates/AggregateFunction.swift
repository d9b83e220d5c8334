import Frames

/// The functions of the rows of a group.
public enum AggregateFunction: String, Sendable, CaseIterable {
  case count, sum, avg, min, max
  case boolOr = "bool_or"
  case boolAnd = "bool_and"
  case standardDeviation = "stddev_samp"

  init?(named name: String) {
    self.init(rawValue: name == "stddev" ? "stddev_samp" : name == "every" ? "bool_and" : name)
  }

  static var names: [String] { allCases.map(\.rawValue) + ["stddev"] }

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
    case .avg, .standardDeviation: return argument.isNumber ? .float8 : nil
    case .min, .max:
      switch argument {
      case .bool, .uuid, .jsonb: return nil
      default: return argument
      }
    case .boolOr, .boolAnd: return argument == .bool ? .bool : nil
    }
  }
}
