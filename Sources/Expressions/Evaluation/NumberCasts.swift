import Foundation
import Frames

/// Casts among numbers.
enum NumberCasts {
  static func kernel(from source: ColumnType, to target: ColumnType) -> Kernel? {
    switch (source, target) {
    case (_, .numeric) where source.isInteger || source.isNumeric:
      return .rescale(from: source, to: target)
    case (_, .numeric) where source.isFloat: return floatToNumeric(source, target)
    case _ where source.isInteger && target.isInteger: return integerToInteger(source, target)
    case _ where source.isNumeric && target.isInteger: return numericToInteger(source, target)
    case _ where source.isFloat && target.isInteger: return floatToInteger(target)
    case _ where source.isFloat && target.isFloat: return floatToFloat(target)
    case _ where target.isFloat && source.isNumber: return exactToFloat(source, target)
    default: return nil
    }
  }

  private static func integerToInteger(_ source: ColumnType, _ target: ColumnType) -> Kernel {
    let range = target.integerRange
    if range.contains(source.integerRange.lowerBound),
      range.contains(source.integerRange.upperBound)
    {
      return .infallible { arguments, _ in arguments[0].relabelled(target) }
    }
    return .fallible { arguments, call throws(EvaluationError) in
      try call.tryMap(arguments[0], arguments[0].int64s, to: target, ColumnValues.int64) {
        if !range.contains($0) { $1.fail(.outOfRange, target.outOfRange) }
        return $0
      }
    }
  }

  private static func numericToInteger(_ source: ColumnType, _ target: ColumnType) -> Kernel {
    let scale = source.exactDigits.scale
    let range = target.integerRange
    @Sendable func convert(_ value: Int128, _ failure: inout Failure) -> Int64 {
      let rounded = Decimal.rounded(value, dividedByTenTo: scale)
      if rounded < range.lowerBound || rounded > range.upperBound {
        failure.fail(.outOfRange, target.outOfRange)
      }
      return Int64(truncatingIfNeeded: rounded)
    }
    return .fallible { arguments, call throws(EvaluationError) in
      if source.storage == .int128 {
        return try call.tryMap(
          arguments[0], arguments[0].int128s, to: target, ColumnValues.int64, convert)
      }
      return try call.tryMap(arguments[0], arguments[0].int64s, to: target, ColumnValues.int64) {
        convert(Int128($0), &$1)
      }
    }
  }

  private static func floatToInteger(_ target: ColumnType) -> Kernel {
    let range = target.integerRange
    return .fallible { arguments, call throws(EvaluationError) in
      try call.tryMap(arguments[0], arguments[0].doubles, to: target, ColumnValues.int64) {
        guard let whole = Int64(exactly: $0.rounded(.toNearestOrEven)), range.contains(whole) else {
          $1.fail(.outOfRange, target.outOfRange)
          return 0
        }
        return whole
      }
    }
  }

  private static func floatToFloat(_ target: ColumnType) -> Kernel {
    if target == .float8 {
      return .infallible { arguments, _ in arguments[0].relabelled(target) }
    }
    return .fallible { arguments, call throws(EvaluationError) in
      try call.tryMap(arguments[0], arguments[0].doubles, to: target, ColumnValues.float64) {
        let single = Double(Float($0))
        if single.isInfinite, $0.isFinite {
          $1.fail(.outOfRange, "value out of range: overflow")
        } else if single == 0, $0 != 0 {
          $1.fail(.outOfRange, "value out of range: underflow")
        }
        return single
      }
    }
  }

  private static func exactToFloat(_ source: ColumnType, _ target: ColumnType) -> Kernel {
    let scale = source.exactDigits.scale
    let isSingle = target == .float4
    return .infallible { arguments, call in
      let argument = arguments[0]
      if source.storage == .int128 {
        return call.map(argument, argument.int128s, to: target, ColumnValues.float64) {
          isSingle ? single($0, scale) : Decimal.double($0, scale: scale)
        }
      }
      return call.map(argument, argument.int64s, to: target, ColumnValues.float64) {
        if isSingle { return single(Int128($0), scale) }
        return scale == 0 ? Double($0) : Decimal.double(Int128($0), scale: scale)
      }
    }
  }

  /// Rounded once, from the exact value.
  private static func single(_ value: Int128, _ scale: Int) -> Double {
    if scale == 0, let short = Int64(exactly: value) { return Double(Float(short)) }
    return Float(Decimal.format(value, scale: scale)).map(Double.init) ?? .nan
  }

  /// As Postgres does it: by the decimal text of as many digits as the type holds for certain.
  private static func floatToNumeric(_ source: ColumnType, _ target: ColumnType) -> Kernel {
    let (precision, scale) = target.exactDigits
    let digits = source == .float4 ? 6 : 15
    @Sendable func convert(_ value: Double, _ failure: inout Failure) -> Int128 {
      if !value.isFinite {
        failure.fail(.outOfRange, Kernel.notFinite)
        return 0
      }
      let text = String(format: "%.\(digits)g", value)
      guard let parsed = Decimal.parse(text, maximumScale: scale) else {
        failure.fail(.outOfRange, Kernel.overflow)
        return 0
      }
      let (unscaled, didOverflow) = parsed.unscaled.multipliedReportingOverflow(
        by: Decimal.powers[scale - parsed.scale])
      if didOverflow || unscaled.magnitude >= Decimal.powers[precision].magnitude {
        failure.fail(.outOfRange, Kernel.overflow)
      }
      return unscaled
    }
    return .fallible { arguments, call throws(EvaluationError) in
      if target.storage == .int64 {
        return try call.tryMap(arguments[0], arguments[0].doubles, to: target, ColumnValues.int64) {
          Int64(truncatingIfNeeded: convert($0, &$1))
        }
      }
      return try call.tryMap(
        arguments[0], arguments[0].doubles, to: target, ColumnValues.int128, convert)
    }
  }
}
