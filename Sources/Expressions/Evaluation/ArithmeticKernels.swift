import Foundation
import Frames

extension ColumnType {
  /// The values that an integer type can hold.
  var integerRange: ClosedRange<Int64> {
    switch self {
    case .int2: Int64(Int16.min)...Int64(Int16.max)
    case .int4, .date: Int64(Int32.min)...Int64(Int32.max)
    default: Int64.min...Int64.max
    }
  }

  /// What Postgres says when a value is none of these.
  var outOfRange: String { "\(sqlName) out of range" }
}

extension Kernel {
  /// `+ - * / %` of two integers of any width with a result of type `type`.
  static func integer(_ op: BinaryOperator, _ type: ColumnType) -> Kernel {
    let range = type.integerRange
    let message = type.outOfRange
    @Sendable @inline(__always) func checked(
      _ result: (partialValue: Int64, overflow: Bool), _ failure: inout Failure
    ) -> Int64 {
      if result.overflow || result.partialValue < range.lowerBound
        || result.partialValue > range.upperBound
      {
        failure.fail(.outOfRange, message)
      }
      return result.partialValue
    }
    func kernel(
      _ body: @escaping @Sendable (Int64, Int64, inout Failure) -> Int64
    ) -> Kernel {
      .fallible { arguments, call throws(EvaluationError) in
        try call.tryZip(
          arguments, arguments[0].int64s, arguments[1].int64s, to: type, ColumnValues.int64, body)
      }
    }
    switch op {
    case .add: return kernel { checked($0.addingReportingOverflow($1), &$2) }
    case .subtract: return kernel { checked($0.subtractingReportingOverflow($1), &$2) }
    case .multiply: return kernel { checked($0.multipliedReportingOverflow(by: $1), &$2) }
    case .divide:
      return kernel { a, b, failure in
        if b == 0 {
          failure.fail(.divisionByZero, "division by zero")
          return 0
        }
        return checked(a.dividedReportingOverflow(by: b), &failure)
      }
    default:
      return kernel { a, b, failure in
        if b == 0 {
          failure.fail(.divisionByZero, "division by zero")
          return 0
        }
        return b == -1 ? 0 : a % b
      }
    }
  }

  /// `+ - * /` of floating point. Overflow to infinity and underflow to zero are errors, as in
  /// Postgres.
  static func float(_ op: BinaryOperator, _ type: ColumnType) -> Kernel {
    let isSingle = type == .float4
    @Sendable @inline(__always) func checked(
      _ result: Double, _ a: Double, _ b: Double, mayUnderflow: Bool, _ failure: inout Failure
    ) -> Double {
      let result = isSingle ? Double(Float(result)) : result
      if result.isInfinite, a.isFinite, b.isFinite {
        failure.fail(.outOfRange, "value out of range: overflow")
      } else if mayUnderflow, result == 0, a != 0, b.isFinite {
        failure.fail(.outOfRange, "value out of range: underflow")
      }
      return result
    }
    func kernel(
      _ body: @escaping @Sendable (Double, Double, inout Failure) -> Double
    ) -> Kernel {
      .fallible { arguments, call throws(EvaluationError) in
        try call.tryZip(
          arguments, arguments[0].doubles, arguments[1].doubles, to: type, ColumnValues.float64,
          body)
      }
    }
    switch op {
    case .add: return kernel { checked($0 + $1, $0, $1, mayUnderflow: false, &$2) }
    case .subtract: return kernel { checked($0 - $1, $0, $1, mayUnderflow: false, &$2) }
    case .multiply: return kernel { checked($0 * $1, $0, $1, mayUnderflow: $1 != 0, &$2) }
    default:
      return kernel { a, b, failure in
        if b == 0, !a.isNaN {
          failure.fail(.divisionByZero, "division by zero")
          return 0
        }
        return checked(a / b, a, b, mayUnderflow: true, &failure)
      }
    }
  }

  static func negation(_ type: ColumnType) -> Kernel {
    switch type.storage {
    case .float64:
      return .infallible { arguments, call in
        call.map(arguments[0], arguments[0].doubles, to: type, ColumnValues.float64) { -$0 }
      }
    case .int128:
      return .infallible { arguments, call in
        call.map(arguments[0], arguments[0].int128s, to: type, ColumnValues.int128) { 0 &- $0 }
      }
    case .interval:
      return .fallible { arguments, call throws(EvaluationError) in
        try call.tryMap(arguments[0], arguments[0].intervals, to: type, ColumnValues.interval) {
          if $0.months == .min || $0.days == .min || $0.microseconds == .min {
            $1.fail(.timeOutOfRange, "interval out of range")
          }
          return IntervalValue(
            months: 0 &- $0.months, days: 0 &- $0.days, microseconds: 0 &- $0.microseconds)
        }
      }
    default: return integerUnary(type) { 0 &- $0 }
    }
  }

  /// `-x` and `abs(x)` of 64-bit values: only the smallest integer has no counterpart.
  static func integerUnary(
    _ type: ColumnType, _ body: @escaping @Sendable (Int64) -> Int64
  ) -> Kernel {
    let smallest = type.isNumeric ? Int64.min : type.integerRange.lowerBound
    let message = type.outOfRange
    return .fallible { arguments, call throws(EvaluationError) in
      try call.tryMap(arguments[0], arguments[0].int64s, to: type, ColumnValues.int64) {
        if $0 == smallest { $1.fail(.outOfRange, message) }
        return body($0)
      }
    }
  }

  /// A function of floating point that can fail.
  static func float(
    _ body: @escaping @Sendable (Double, inout Failure) -> Double
  ) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      try call.tryMap(
        arguments[0], arguments[0].doubles, to: .float8, ColumnValues.float64, body)
    }
  }

  static func float(_ body: @escaping @Sendable (Double) -> Double) -> Kernel {
    .infallible { arguments, call in
      call.map(arguments[0], arguments[0].doubles, to: .float8, ColumnValues.float64, body)
    }
  }
}
