import Foundation
import Frames

extension Function {
  static let numberFunctions: [Function] = [
    Function(
      "abs", "The value without its sign.",
      integer(.int2, .absolute(.int2)), integer(.int4, .absolute(.int4)),
      integer(.int8, .absolute(.int8)), Signature([.float4], .float4, .absolute(.float4)),
      Signature([.float8], .float8, .absolute(.float8)),
      Signature([.numeric]) { ($0[0].type, .absolute($0[0].type)) }),
    Function(
      "sign", "-1, 0 or 1.",
      Signature([.float8], .float8, .float { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
      Signature([.numeric]) {
        (.numeric(precision: 1, scale: 0), .numericSign($0[0].type))
      }),
    Function(
      "mod", "The remainder of a division, with the sign of the dividend.",
      modulo(.int2), modulo(.int4), modulo(.int8),
      Signature([.numeric, .numeric]) { arguments in
        guard let type = Casts.common(arguments[0].type, arguments[1].type) else { return nil }
        return (type, .aligned(to: type, .numeric(.remainder, type, isCapped: false)))
      }),
    Function(
      "round",
      "The nearest whole number, or that of n places: halves away from zero for numeric, to even "
        + "for floating point.",
      Signature([.float8], .float8, .float { $0.rounded(.toNearestOrEven) }),
      Signature([.numeric]) { rounding($0[0].type, places: 0) },
      Signature([.numeric, .literal(.int4)]) { arguments in
        arguments[1].literalInteger.flatMap { rounding(arguments[0].type, places: $0) }
      }),
    Function(
      "floor", "The greatest whole number that is not above.",
      Signature([.float8], .float8, .float { $0.rounded(.down) }),
      Signature([.numeric]) { wholeNumber($0[0].type, .down) }),
    ceiling("ceil"), ceiling("ceiling"),
    Function(
      "trunc", "The value without its fraction.",
      Signature([.float8], .float8, .float { $0.rounded(.towardZero) }),
      Signature([.numeric]) { wholeNumber($0[0].type, .towardZero) }),
    logarithm("ln", "The natural logarithm.", log),
    logarithm("log", "The logarithm to base 10.", log10),
    logarithm("log10", "The logarithm to base 10.", log10),
    Function("cbrt", "The cube root.", Signature([.float8], .float8, .float { cbrt($0) })),
    Function(
      "exp", "e to the power of the value.",
      Signature(
        [.float8], .float8,
        .float { value, failure in
          let result = exp(value)
          if value.isFinite, result.isInfinite || result == 0 {
            failure.fail(.outOfRange, "value out of range: \(result == 0 ? "under" : "over")flow")
          }
          return result
        })),
    Function(
      "sqrt", "The square root.",
      Signature(
        [.float8], .float8,
        .float { value, failure in
          if value < 0 {
            failure.fail(.invalidPower, "cannot take square root of a negative number")
          }
          return value.squareRoot()
        })),
    Function(
      "power", "The first value to the power of the second.",
      Signature([.float8, .float8], .float8, .power)),
  ]

  private static func integer(_ type: ColumnType, _ kernel: Kernel) -> Signature {
    Signature([type], type, kernel)
  }

  private static func logarithm(
    _ name: String, _ about: String, _ body: @escaping @Sendable (Double) -> Double
  ) -> Function {
    Function(
      name, about,
      Signature(
        [.float8], .float8,
        .float { value, failure in
          if value <= 0 {
            failure.fail(.invalidLogarithm, "cannot take logarithm of zero or a negative number")
          }
          return body(value)
        }))
  }

  private static func modulo(_ type: ColumnType) -> Signature {
    Signature([type, type], type, .integer(.remainder, type))
  }

  private static func ceiling(_ name: String) -> Function {
    Function(
      name, "The least whole number that is not below.",
      Signature([.float8], .float8, .float { $0.rounded(.up) }),
      Signature([.numeric]) { wholeNumber($0[0].type, .up) })
  }

  private static func rounding(_ type: ColumnType, places: Int) -> (ColumnType, Kernel)? {
    let (precision, scale) = type.exactDigits
    guard (-38...38).contains(places) else { return nil }
    if places >= scale {
      // More places than there are add zeros, as far as there are digits for them.
      let target = min(places, ColumnType.maximumPrecision - (precision - scale))
      guard target > scale else { return (type, .infallible { values, _ in values[0] }) }
      let result = ColumnType.numeric(precision: precision - scale + target, scale: target)
      return (result, .rescale(from: type, to: result))
    }
    // Rounding can carry into one more digit.
    let whole = min(precision - scale + 1, ColumnType.maximumPrecision - max(0, places))
    let result = ColumnType.numeric(
      precision: max(1, whole + max(0, places)), scale: max(0, places))
    return (result, .numericRounding(type, to: result, drop: scale - places))
  }

  private static func wholeNumber(
    _ type: ColumnType, _ rule: FloatingPointRoundingRule
  ) -> (ColumnType, Kernel) {
    let (precision, scale) = type.exactDigits
    if scale == 0 { return (type, .infallible { values, _ in values[0] }) }
    let result = ColumnType.numeric(precision: max(1, precision - scale + 1), scale: 0)
    return (result, .numericWhole(type, to: result, rule))
  }
}
