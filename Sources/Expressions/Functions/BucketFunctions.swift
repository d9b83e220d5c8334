import Frames

extension Function {
  static let bucketFunctions: [Function] = [
    Function(
      "width_bucket",
      "The number, from 1, of the one of n equally wide ranges between two bounds in which the "
        + "value lies; 0 below them, n + 1 from the upper bound on.",
      Signature([.float8, .float8, .float8, .int4], .int4, floatBucket),
      Signature([.numeric, .numeric, .numeric, .exactly(.int4)]) { arguments in
        guard let common = Casts.common(arguments[0].type, arguments[1].type),
          let type = Casts.common(common, arguments[2].type)
        else { return nil }
        return (.int4, numericBucket(type))
      })
  ]

  /// Whether there are ranges at all.
  private static func hasRanges(_ count: Int64, _ areEqual: Bool, _ failure: inout Failure) -> Bool
  {
    if count <= 0 {
      failure.fail(.invalidBucket, "count must be greater than zero")
    } else if areEqual {
      failure.fail(.invalidBucket, "lower bound cannot equal upper bound")
    }
    return failure.kind == nil
  }

  private static func above(_ count: Int64, _ failure: inout Failure) -> Int64 {
    if count >= Int64(Int32.max) { failure.fail(.outOfRange, ColumnType.int4.outOfRange) }
    return count + 1
  }

  private static let floatBucket = Kernel.fallible { arguments, call throws(EvaluationError) in
    let (values, lows, highs) = (arguments[0].doubles, arguments[1].doubles, arguments[2].doubles)
    let counts = arguments[3].int64s
    return try call.tryRows(arguments, to: .int4) { row, failure in
      let value = values.values[row &* values.stride]
      let low = lows.values[row &* lows.stride]
      let high = highs.values[row &* highs.stride]
      let count = counts.values[row &* counts.stride]
      if count > 0 {
        if value.isNaN || low.isNaN || high.isNaN {
          failure.fail(
            .invalidBucket, "operand, lower bound, and upper bound cannot be NaN")
        } else if low.isInfinite || high.isInfinite {
          failure.fail(.invalidBucket, "lower and upper bounds must be finite")
        }
      }
      guard failure.kind == nil, hasRanges(count, low == high, &failure) else { return 0 }
      if low < high ? value < low : value > low { return 0 }
      if low < high ? value >= high : value <= high { return above(count, &failure) }
      // Where the width overflows half of everything does not.
      let share =
        (high - low).isFinite
        ? (value - low) / (high - low) : (value / 2 - low / 2) / (high / 2 - low / 2)
      // The quotient can round to 1.
      return min(Int64(Double(count) * share), count - 1) + 1
    }
  }

  private static func numericBucket(_ type: ColumnType) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      let wide = ColumnType.numeric(
        precision: ColumnType.maximumPrecision, scale: type.exactDigits.scale)
      var lanes: [Lane<Int128>] = []
      for argument in arguments.prefix(3) {
        lanes.append(
          try Kernel.rescale(from: argument.type, to: wide).run([argument], call).int128s)
      }
      let counts = arguments[3].int64s
      return try call.tryRows(arguments, to: .int4) { row, failure in
        let (value, low, high) = (
          lanes[0].values[row &* lanes[0].stride], lanes[1].values[row &* lanes[1].stride],
          lanes[2].values[row &* lanes[2].stride]
        )
        let count = counts.values[row &* counts.stride]
        guard hasRanges(count, low == high, &failure) else { return 0 }
        if low < high ? value < low : value > low { return 0 }
        if low < high ? value >= high : value <= high { return above(count, &failure) }
        // 38 digits differ by less than 2^128, and the value lies between the bounds.
        let part = low < high ? distance(low, value) : distance(value, low)
        let width = low < high ? distance(low, high) : distance(high, low)
        let product = part.multipliedFullWidth(by: UInt128(count))
        return Int64(width.dividingFullWidth(product).quotient) + 1
      }
    }
  }

  private static func distance(_ low: Int128, _ high: Int128) -> UInt128 {
    UInt128(bitPattern: high) &- UInt128(bitPattern: low)
  }
}

extension Invocation {
  /// Computes an integer for each row of which no argument is null.
  func tryRows(
    _ arguments: [Vector], to type: ColumnType, _ body: (Int, inout Failure) -> Int64
  ) throws(EvaluationError) -> Vector {
    let (count, isConstant) = extent(arguments)
    let validity = validity(arguments, count: count)
    var values = [Int64](repeating: 0, count: count)
    var failure = Failure()
    for row in 0..<count where validity.map({ $0[row] }) ?? true {
      values[row] = body(row, &failure)
      if let kind = failure.kind { throw self.failure(kind, failure.message, at: row) }
    }
    return Vector(type, .int64(values), validity: validity, isConstant: isConstant)
  }
}
