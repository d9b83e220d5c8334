import Frames

extension Kernel {
  /// `+ - %` of numerics of the storage and scale of `type`, and `*` of numerics of its storage.
  ///
  /// The digits of `type` are enough for every result unless they were capped at 38.
  static func numeric(_ op: BinaryOperator, _ type: ColumnType, isCapped: Bool) -> Kernel {
    if op == .remainder { return numericRemainder(type) }
    if type.storage == .int64 { return shortNumeric(op, type) }
    return isCapped ? checkedNumeric(op, type) : longNumeric(op, type)
  }

  private static func shortNumeric(_ op: BinaryOperator, _ type: ColumnType) -> Kernel {
    .infallible { arguments, call in
      let (a, b) = (arguments[0].int64s, arguments[1].int64s)
      let wrap = ColumnValues.int64
      return switch op {
      case .add: call.zip(arguments, a, b, to: type, wrap) { $0 &+ $1 }
      case .subtract: call.zip(arguments, a, b, to: type, wrap) { $0 &- $1 }
      default: call.zip(arguments, a, b, to: type, wrap) { $0 &* $1 }
      }
    }
  }

  private static func longNumeric(_ op: BinaryOperator, _ type: ColumnType) -> Kernel {
    .infallible { arguments, call in
      let (a, b) = (arguments[0].int128s, arguments[1].int128s)
      let wrap = ColumnValues.int128
      return switch op {
      case .add: call.zip(arguments, a, b, to: type, wrap) { $0 &+ $1 }
      case .subtract: call.zip(arguments, a, b, to: type, wrap) { $0 &- $1 }
      default: call.zip(arguments, a, b, to: type, wrap) { $0 &* $1 }
      }
    }
  }

  private static func checkedNumeric(_ op: BinaryOperator, _ type: ColumnType) -> Kernel {
    let limit = Decimal.powers[ColumnType.maximumPrecision]
    return .fallible { arguments, call throws(EvaluationError) in
      try call.tryZip(
        arguments, arguments[0].int128s, arguments[1].int128s, to: type, ColumnValues.int128
      ) { a, b, failure in
        let (value, overflow) =
          switch op {
          case .add: a.addingReportingOverflow(b)
          case .subtract: a.subtractingReportingOverflow(b)
          default: a.multipliedReportingOverflow(by: b)
          }
        if overflow || value >= limit || value <= -limit {
          failure.fail(.outOfRange, Self.tooLong)
        }
        return value
      }
    }
  }

  private static func numericRemainder(_ type: ColumnType) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      func remainder<T: FixedWidthInteger & SignedInteger>(
        _ a: T, _ b: T, _ failure: inout Failure
      ) -> T {
        if b == 0 {
          failure.fail(.divisionByZero, "division by zero")
          return 0
        }
        return b == -1 ? 0 : a % b
      }
      if type.storage == .int64 {
        return try call.tryZip(
          arguments, arguments[0].int64s, arguments[1].int64s, to: type, ColumnValues.int64,
          remainder)
      }
      return try call.tryZip(
        arguments, arguments[0].int128s, arguments[1].int128s, to: type, ColumnValues.int128,
        remainder)
    }
  }

  /// What happens to a value that has more digits than the new type.
  enum Overflow { case fails, saturates }

  /// From an integer or numeric at scale `scale` to a numeric type. Places that it does not have are
  /// rounded away, half away from zero.
  ///
  /// Saturation is for comparisons: the other operand is at its own scale and in range, so that a
  /// saturated value compares as the exact one would.
  static func rescale(
    from source: ColumnType, to target: ColumnType, _ overflow: Overflow = .fails
  ) -> Kernel {
    let (sourceDigits, sourceScale) = source.exactDigits
    let (digits, scale) = target.exactDigits
    let shift = scale - sourceScale
    let fits =
      shift >= 0
      ? sourceDigits - sourceScale <= digits - scale
      : sourceDigits - sourceScale < digits - scale
    let bound = Decimal.powers[digits]
    let message = digits == ColumnType.maximumPrecision ? Self.tooLong : Self.overflow
    let factor = Decimal.powers[max(0, min(shift, 38))]
    if fits, shift >= 0, source.storage == .int64, target.storage == .int64 {
      let factor = Int64(factor)
      return .infallible { arguments, call in
        if shift == 0 { return arguments[0].relabelled(target) }
        return call.map(arguments[0], arguments[0].int64s, to: target, ColumnValues.int64) {
          $0 &* factor
        }
      }
    }
    @Sendable @inline(__always) func convert(_ value: Int128, _ failure: inout Failure) -> Int128 {
      if shift < 0 {
        let rounded = Decimal.rounded(value, dividedByTenTo: -shift)
        if rounded >= bound || rounded <= -bound { failure.fail(.outOfRange, message) }
        return rounded
      }
      let (scaled, didOverflow) = value.multipliedReportingOverflow(by: factor)
      if overflow == .saturates { return didOverflow ? (value < 0 ? .min : .max) : scaled }
      if didOverflow || scaled >= bound || scaled <= -bound {
        failure.fail(.outOfRange, message)
      }
      return scaled
    }
    return Kernel(isInfallible: fits || overflow == .saturates) {
      arguments, call throws(EvaluationError) in
      let argument = arguments[0]
      switch (argument.column.values, target.storage) {
      case (.int128, .int64):
        return try call.tryMap(argument, argument.int128s, to: target, ColumnValues.int64) {
          Int64(truncatingIfNeeded: convert($0, &$1))
        }
      case (.int128, _):
        return try call.tryMap(
          argument, argument.int128s, to: target, ColumnValues.int128, convert)
      case (_, .int64):
        return try call.tryMap(argument, argument.int64s, to: target, ColumnValues.int64) {
          Int64(truncatingIfNeeded: convert(Int128($0), &$1))
        }
      default:
        return try call.tryMap(argument, argument.int64s, to: target, ColumnValues.int128) {
          convert(Int128($0), &$1)
        }
      }
    }
  }

  static let overflow = "numeric field overflow"
  /// Postgres's numeric has a NaN and infinities; ours has none.
  static let notFinite = "numeric cannot hold NaN or infinity"
  /// Postgres would go on.
  static let tooLong = "numeric of more than 38 digits"
}

extension ColumnType {
  /// The digits of an integer or numeric, and how many of them stand after the point.
  var exactDigits: (precision: Int, scale: Int) {
    switch self {
    case .int2: (5, 0)
    case .int4: (10, 0)
    case .int8: (19, 0)
    case .numeric(let precision, let scale): (precision, scale)
    default: (ColumnType.maximumPrecision, 0)
    }
  }
}
