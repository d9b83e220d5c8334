import Frames

/// `interval * number` and `interval / number`: what is left of a month goes to the days, at 30 a
/// month, what is left of a day to the time. The roundings are Postgres's.
enum IntervalScaling {
  static func product(intervalFirst: Bool) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      let interval = arguments[intervalFirst ? 0 : 1]
      let factor = arguments[intervalFirst ? 1 : 0]
      return try call.tryZip(
        arguments, interval.intervals, factor.doubles, to: .interval, ColumnValues.interval
      ) { interval, factor, failure in
        scaled(interval, &failure) { $0 * factor }
      }
    }
  }

  static let quotient = Kernel.fallible { arguments, call throws(EvaluationError) in
    try call.tryZip(
      arguments, arguments[0].intervals, arguments[1].doubles, to: .interval, ColumnValues.interval
    ) { interval, divisor, failure in
      if divisor == 0 {
        failure.fail(.divisionByZero, "division by zero")
        return IntervalValue()
      }
      return scaled(interval, &failure) { $0 / divisor }
    }
  }

  private static func scaled(
    _ interval: IntervalValue, _ failure: inout Failure, _ scale: (Double) -> Double
  ) -> IntervalValue {
    let exactMonths = scale(Double(interval.months))
    let exactDays = scale(Double(interval.days))
    guard let months = whole(exactMonths), let firstDays = whole(exactDays) else {
      failure.fail(.timeOutOfRange, "interval out of range")
      return IntervalValue()
    }
    let monthRest = toMicroseconds((exactMonths - Double(months)) * 30)
    let wholeRest = Int64(monthRest)
    var seconds = toMicroseconds(
      (exactDays - Double(firstDays) + monthRest - Double(wholeRest)) * 86_400)
    var days = Int64(firstDays)
    if seconds.magnitude >= 86_400 {
      let carried = (seconds / 86_400).rounded(.towardZero)
      days += Int64(carried)
      seconds -= carried * 86_400
    }
    let time = (scale(Double(interval.microseconds)) + seconds * 1_000_000)
      .rounded(.toNearestOrEven)
    guard let shortDays = Int32(exactly: days + wholeRest), let microseconds = Int64(exactly: time)
    else {
      failure.fail(.timeOutOfRange, "interval out of range")
      return IntervalValue()
    }
    return IntervalValue(months: months, days: shortDays, microseconds: microseconds)
  }

  private static func whole(_ value: Double) -> Int32? {
    Int32(exactly: value.rounded(.towardZero))
  }

  /// Rounded to six places, so that errors of binary fractions do not show.
  private static func toMicroseconds(_ value: Double) -> Double {
    (value * 1_000_000).rounded(.toNearestOrEven) / 1_000_000
  }
}
