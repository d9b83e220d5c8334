import Frames

/// Sums and differences with dates, times and intervals.
enum TimeArithmetic {
  /// The operator on two types with the types that it wants its operands in; nil if there is none.
  static func resolve(
    _ op: BinaryOperator, _ left: ColumnType, _ right: ColumnType
  ) -> (left: ColumnType, right: ColumnType, result: ColumnType, kernel: Kernel)? {
    switch (left, op, right) {
    case (.date, .add, .int2), (.date, .add, .int4):
      return (.date, .int4, .date, shiftDate(1, dateFirst: true))
    case (.int2, .add, .date), (.int4, .add, .date):
      return (.int4, .date, .date, shiftDate(1, dateFirst: false))
    case (.date, .subtract, .int2), (.date, .subtract, .int4):
      return (.date, .int4, .date, shiftDate(-1, dateFirst: true))
    case (.date, .subtract, .date): return (.date, .date, .int4, daysBetween)
    case (.date, .add, .interval), (.timestamp, .add, .interval):
      return (.timestamp, .interval, .timestamp, shift(.timestamp, 1, timeFirst: true))
    case (.date, .subtract, .interval), (.timestamp, .subtract, .interval):
      return (.timestamp, .interval, .timestamp, shift(.timestamp, -1, timeFirst: true))
    case (.interval, .add, .date), (.interval, .add, .timestamp):
      return (.interval, .timestamp, .timestamp, shift(.timestamp, 1, timeFirst: false))
    case (.timestamptz, .add, .interval):
      return (.timestamptz, .interval, .timestamptz, shift(.timestamptz, 1, timeFirst: true))
    case (.timestamptz, .subtract, .interval):
      return (.timestamptz, .interval, .timestamptz, shift(.timestamptz, -1, timeFirst: true))
    case (.interval, .add, .timestamptz):
      return (.interval, .timestamptz, .timestamptz, shift(.timestamptz, 1, timeFirst: false))
    case (.interval, .add, .interval): return (.interval, .interval, .interval, sum(1))
    case (.interval, .subtract, .interval): return (.interval, .interval, .interval, sum(-1))
    case (.interval, .multiply, _) where right.isNumber:
      return (.interval, .float8, .interval, IntervalScaling.product(intervalFirst: true))
    case (_, .multiply, .interval) where left.isNumber:
      return (.float8, .interval, .interval, IntervalScaling.product(intervalFirst: false))
    case (.interval, .divide, _) where right.isNumber:
      return (.interval, .float8, .interval, IntervalScaling.quotient)
    case (_, .subtract, _) where left.isTime && right.isTime:
      guard let common = Casts.common(left, right) else { return nil }
      return (common, common, .interval, difference)
    default: return nil
    }
  }

  private static func shiftDate(_ sign: Int64, dateFirst: Bool) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      let days = arguments[dateFirst ? 0 : 1]
      let amount = arguments[dateFirst ? 1 : 0]
      return try call.tryZip(
        arguments, days.int64s, amount.int64s, to: .date, ColumnValues.int64
      ) { day, amount, failure in
        if day == .min || day == .max { return day }
        let result = day &+ sign &* amount
        if !TimeCasts.dateDays.contains(result) {
          failure.fail(.timeOutOfRange, "date out of range")
          return 0
        }
        return result
      }
    }
  }

  private static let daysBetween = Kernel.fallible { arguments, call throws(EvaluationError) in
    try call.tryZip(
      arguments, arguments[0].int64s, arguments[1].int64s, to: .int4, ColumnValues.int64
    ) { a, b, failure in
      if [a, b].contains(where: { $0 == .min || $0 == .max }) {
        failure.fail(.timeOutOfRange, "cannot subtract infinite dates")
        return 0
      }
      return a &- b
    }
  }

  /// `timestamp - timestamp`: days of 24 hours and the rest.
  private static let difference = Kernel.fallible { arguments, call throws(EvaluationError) in
    try call.tryZip(
      arguments, arguments[0].int64s, arguments[1].int64s, to: .interval, ColumnValues.interval
    ) { a, b, failure in
      let (elapsed, overflow) = a.subtractingReportingOverflow(b)
      if overflow || a == .min || a == .max || b == .min || b == .max {
        failure.fail(.timeOutOfRange, "cannot subtract infinite timestamps")
        return IntervalValue()
      }
      return IntervalValue(
        days: Int32(truncatingIfNeeded: elapsed / Instant.microsecondsPerDay),
        microseconds: elapsed % Instant.microsecondsPerDay)
    }
  }

  private static func sum(_ sign: Int32) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      try call.tryZip(
        arguments, arguments[0].intervals, arguments[1].intervals, to: .interval,
        ColumnValues.interval
      ) { a, b, failure in
        let months = Int64(a.months) + Int64(sign) * Int64(b.months)
        let days = Int64(a.days) + Int64(sign) * Int64(b.days)
        let (time, overflow) =
          sign > 0
          ? a.microseconds.addingReportingOverflow(b.microseconds)
          : a.microseconds.subtractingReportingOverflow(b.microseconds)
        guard let months = Int32(exactly: months), let days = Int32(exactly: days), !overflow else {
          failure.fail(.timeOutOfRange, "interval out of range")
          return IntervalValue()
        }
        return IntervalValue(months: months, days: days, microseconds: time)
      }
    }
  }

  private static func shift(_ type: ColumnType, _ sign: Int64, timeFirst: Bool) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      let time = arguments[timeFirst ? 0 : 1]
      let amount = arguments[timeFirst ? 1 : 0]
      let zone = type == .timestamptz ? call.context.zone : .utc
      return try call.tryZip(
        timeFirst ? arguments : arguments.reversed(), time.int64s, amount.intervals, to: type,
        ColumnValues.int64
      ) { time, amount, failure in
        if time == .min || time == .max { return time }
        guard let moved = moved(time, amount, sign, zone) else {
          failure.fail(.timeOutOfRange, "timestamp out of range")
          return 0
        }
        return moved
      }
    }
  }

  /// Months move the date and stop at the month's last day, days move it on, both at the local time
  /// of day; then comes the elapsed time.
  private static func moved(
    _ time: Int64, _ amount: IntervalValue, _ sign: Int64, _ zone: CalendarZone
  ) -> Int64? {
    var time = time
    if amount.months != 0 {
      let local = zone.local(time)
      let day = TimeCasts.day(local)
      let (year, month, dayOfMonth) = CivilDate(days: day).components
      let months = year * 12 + month - 1 + Int(sign) * Int(amount.months)
      let newYear = Int(Int64(months).flooredDivision(by: 12))
      guard (-4713...294_277).contains(newYear) else { return nil }
      let newMonth = months - newYear * 12 + 1
      let last = TimeText.days(in: newMonth, of: newYear)
      let target = CivilDate(year: newYear, month: newMonth, day: min(dayOfMonth, last))
      time = zone.instant(local: local &+ (target.days - day) &* Instant.microsecondsPerDay)
    }
    if amount.days != 0 {
      let (move, overflow) = (sign * Int64(amount.days)).multipliedReportingOverflow(
        by: Instant.microsecondsPerDay)
      let (local, overflowToo) = zone.local(time).addingReportingOverflow(move)
      guard !overflow, !overflowToo, TimeCasts.isTimestamp(local) else { return nil }
      time = zone.instant(local: local)
    }
    let (elapsed, overflow) = sign.multipliedReportingOverflow(by: amount.microseconds)
    let (result, overflowToo) = time.addingReportingOverflow(elapsed)
    return !overflow && !overflowToo && TimeCasts.isTimestamp(result) ? result : nil
  }
}
