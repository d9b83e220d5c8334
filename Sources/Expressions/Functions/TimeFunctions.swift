import Frames

extension Function {
  static let timeFunctions: [Function] = [
    Function(
      "days_since",
      "Whole calendar days from the value's day to the as-of's, in the pipeline's time zone.",
      Signature([.date], .int4, nulls: .always, daysSince(.date)),
      Signature([.timestamp], .int4, nulls: .always, daysSince(.timestamp)),
      Signature([.timestamptz], .int4, nulls: .always, daysSince(.timestamptz))),
    Function(
      "date_trunc", "The time cut off at a field such as 'month'.",
      truncation(.timestamp), truncation(.timestamptz)),
    Function(
      "age_days",
      "Whole calendar days from the second time's day to the first's, in the pipeline's time zone.",
      ageInDays(.date), ageInDays(.timestamp), ageInDays(.timestamptz)),
    Function(
      "timezone",
      "The local time of an instant in a zone, or the instant of a local time: "
        + "ordered_at at time zone 'Europe/Paris'.",
      zoned(from: .timestamptz, to: .timestamp) { zone, time in
        let local = zone.local(time)
        return TimeCasts.isTimestamp(local) ? local : nil
      },
      zoned(from: .timestamp, to: .timestamptz) { zone, time in
        let instant = zone.instant(local: time)
        return TimeCasts.isTimestamp(instant) ? instant : nil
      }),
  ]

  /// Null for an infinite time, from which no number of days has passed.
  private static func daysSince(_ type: ColumnType) -> Kernel {
    Kernel(isInfallible: true, readsAsOf: true) { arguments, call in
      let zone = call.context.zone
      let today = zone.day(of: call.context.asOf).days
      return call.withoutInfinities(arguments[0], to: .int4, ColumnValues.int64) { time in
        today &- TimeFields.day(time, type, zone)
      }
    }
  }

  private static func truncation(_ type: ColumnType) -> Signature {
    Signature([.literal(.text), .exactly(type)]) { arguments in
      guard let unit = arguments[0].literalText.flatMap(TimeFields.Unit.init(named:)) else {
        return nil
      }
      let kernel = Kernel.infallible { arguments, call in
        let zone = type == .timestamptz ? call.context.zone : .utc
        return call.map(arguments[1], arguments[1].int64s, to: type, ColumnValues.int64) { time in
          if time == .min || time == .max { return time }
          let local = zone.local(time)
          let start = TimeFields.truncate(local, to: unit)
          // A part of a day begins as long ago as the clock says, also in an hour that comes twice.
          return unit.isOfDay ? time &- (local &- start) : zone.instant(local: start)
        }
      }
      return (type, kernel)
    }
  }

  private static func ageInDays(_ type: ColumnType) -> Signature {
    let kernel = Kernel.fallible { arguments, call throws(EvaluationError) in
      let zone = call.context.zone
      return try call.tryZip(
        arguments, arguments[0].int64s, arguments[1].int64s, to: .int4, ColumnValues.int64
      ) { a, b, failure in
        if [a, b].contains(where: { $0 == .min || $0 == .max }) {
          failure.fail(.timeOutOfRange, "cannot subtract infinite dates")
          return 0
        }
        return TimeFields.day(a, type, zone) &- TimeFields.day(b, type, zone)
      }
    }
    return Signature([type, type], .int4, kernel)
  }

  /// Between local times and instants in a zone with a literal name.
  private static func zoned(
    from source: ColumnType, to target: ColumnType,
    _ convert: @escaping @Sendable (CalendarZone, Int64) -> Int64?
  ) -> Signature {
    Signature([.literal(.text), .exactly(source)]) { arguments throws(LiteralMistake) in
      guard let name = arguments[0].literalText, let zone = CalendarZone(named: name) else {
        throw LiteralMistake(
          argument: 0, message: "there is no time zone of this name",
          help: "zones have names such as 'Europe/Paris' or 'UTC'")
      }
      let kernel = Kernel.fallible { arguments, call throws(EvaluationError) in
        try call.tryMap(arguments[1], arguments[1].int64s, to: target, ColumnValues.int64) {
          time, failure in
          if time == .min || time == .max { return time }
          guard let result = convert(zone, time) else {
            failure.fail(.timeOutOfRange, "timestamp out of range")
            return 0
          }
          return result
        }
      }
      return (target, kernel)
    }
  }
}

extension Invocation {
  /// Applies `body` to each time; the infinite ones become null.
  func withoutInfinities(
    _ argument: Vector, to type: ColumnType, _ wrap: ([Int64]) -> ColumnValues,
    _ body: (Int64) -> Int64
  ) -> Vector {
    let times = argument.int64s.values
    let mapped = map(argument, argument.int64s, to: type, wrap) {
      $0 == .min || $0 == .max ? 0 : body($0)
    }
    guard times.contains(where: { $0 == .min || $0 == .max }) else { return mapped }
    let validity = times.indices.map {
      !argument.column.isNull($0) && times[$0] != .min && times[$0] != .max
    }
    return Vector(
      type, mapped.column.values, validity: validity, isConstant: argument.isConstant)
  }
}
