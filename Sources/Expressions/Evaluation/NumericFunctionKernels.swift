import Foundation
import Frames

extension Kernel {
  static func absolute(_ type: ColumnType) -> Kernel {
    switch type.storage {
    case .float64:
      .infallible { arguments, call in
        call.map(arguments[0], arguments[0].doubles, to: type, ColumnValues.float64) { abs($0) }
      }
    case .int128:
      .infallible { arguments, call in
        call.map(arguments[0], arguments[0].int128s, to: type, ColumnValues.int128) {
          $0 < 0 ? 0 &- $0 : $0
        }
      }
    default: integerUnary(type) { $0 < 0 ? 0 &- $0 : $0 }
    }
  }

  static func numericSign(_ type: ColumnType) -> Kernel {
    exact(type, to: .numeric(precision: 1, scale: 0)) { $0.signum() }
  }

  /// `places` digits are dropped from the end, and put back as zeros where they stood before the
  /// point.
  static func numericRounding(_ type: ColumnType, to target: ColumnType, drop places: Int) -> Kernel
  {
    let (_, scale) = type.exactDigits
    let zeros = max(0, places - scale)
    return exact(type, to: target) { value in
      let rounded = Decimal.rounded(value, dividedByTenTo: places)
      return zeros < Decimal.powers.count ? rounded &* Decimal.powers[zeros] : 0
    }
  }

  static func numericWhole(
    _ type: ColumnType, to target: ColumnType, _ rule: FloatingPointRoundingRule
  ) -> Kernel {
    let unit = Decimal.powers[type.exactDigits.scale]
    return exact(type, to: target) { value in
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
      switch rule {
      case .down: return remainder < 0 ? quotient - 1 : quotient
      case .up: return remainder > 0 ? quotient + 1 : quotient
      default: return quotient
      }
    }
  }

  /// A function of unscaled numerics whose result always fits the target.
  private static func exact(
    _ source: ColumnType, to target: ColumnType, _ body: @escaping @Sendable (Int128) -> Int128
  ) -> Kernel {
    .infallible { arguments, call in
      let argument = arguments[0]
      switch (source.storage, target.storage) {
      case (.int64, .int64):
        return call.map(argument, argument.int64s, to: target, ColumnValues.int64) {
          Int64(truncatingIfNeeded: body(Int128($0)))
        }
      case (.int64, _):
        return call.map(argument, argument.int64s, to: target, ColumnValues.int128) {
          body(Int128($0))
        }
      case (_, .int64):
        return call.map(argument, argument.int128s, to: target, ColumnValues.int64) {
          Int64(truncatingIfNeeded: body($0))
        }
      default:
        return call.map(argument, argument.int128s, to: target, ColumnValues.int128, body)
      }
    }
  }

  /// A kernel whose arguments are first brought to the digits of a numeric type.
  static func aligned(to type: ColumnType, _ kernel: Kernel) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      var values: [Vector] = []
      for argument in arguments {
        values.append(try rescale(from: argument.type, to: type).run([argument], call))
      }
      return try kernel.run(values, call)
    }
  }

  static let power = Kernel.fallible { arguments, call throws(EvaluationError) in
    try call.tryZip(
      arguments, arguments[0].doubles, arguments[1].doubles, to: .float8, ColumnValues.float64
    ) { base, exponent, failure in
      if base == 0, exponent < 0 {
        failure.fail(.invalidPower, "zero raised to a negative power is undefined")
        return 0
      }
      if base < 0, exponent.isFinite, exponent.rounded(.down) != exponent {
        failure.fail(
          .invalidPower, "a negative number raised to a non-integer power yields a complex result")
        return 0
      }
      let result = pow(base, exponent)
      if base.isFinite, exponent.isFinite {
        if result.isInfinite {
          failure.fail(.outOfRange, "value out of range: overflow")
        } else if result == 0, base != 0 {
          failure.fail(.outOfRange, "value out of range: underflow")
        }
      }
      return result
    }
  }
}
