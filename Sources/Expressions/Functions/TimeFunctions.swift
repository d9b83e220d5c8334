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
      "extract", "A field of a time, such as year: extract(year from ordered_at).",
      extraction(.date), extraction(.timestamp), extraction(.timestamptz)),
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
          return zone.instant(local: TimeFields.truncate(zone.local(time), to: unit))
        }
      }
      return (type, kernel)
    }
  }

  private static func extraction(_ type: ColumnType) -> Signature {
    Signature([.literal(.text), .exactly(type)], nulls: .always) { arguments in
      guard let field = arguments[0].literalText.flatMap(TimeFields.Field.init(named:)),
        type != .date || !field.isOfDay
      else { return nil }
      let result = field.type(of: type)
      let kernel = Kernel.infallible { arguments, call in
        let zone = call.context.zone
        return call.withoutInfinities(arguments[1], to: result, ColumnValues.int64) { time in
          TimeFields.extract(field, time, type, zone)
        }
      }
      return (result, kernel)
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
