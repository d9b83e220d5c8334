import Frames

extension Function {
  static let extraction: [Function] = [
    Function(
      "extract",
      "A field of a time or an interval: extract(year from ordered_at). There are year, isoyear, "
        + "quarter, month, week, day, dow, isodow, doy, hour, minute, second, epoch.",
      field(.date), field(.timestamp), field(.timestamptz), intervalField)
  ]

  private static func field(_ type: ColumnType) -> Signature {
    Signature([.literal(.text), .exactly(type)], nulls: .always) { arguments in
      guard let field = arguments[0].literalText.flatMap(TimeFields.Field.init(named:)),
        type != .date || !field.isOfDay
      else { return nil }
      let result = field.type(of: type)
      if field == .epoch, type != .date { return (result, epoch(of: type, result)) }
      let kernel = Kernel.infallible { arguments, call in
        let zone = call.context.zone
        return call.withoutInfinities(arguments[1], to: result, ColumnValues.int64) { time in
          TimeFields.extract(field, time, type, zone)
        }
      }
      return (result, kernel)
    }
  }

  /// The last thirty years that a time can be in are more microseconds after 1970 than 64 bits hold.
  private static func epoch(of type: ColumnType, _ result: ColumnType) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      let zone = call.context.zone
      let times = call.withoutInfinities(arguments[1], to: result, ColumnValues.int64) { $0 }
      return try call.tryMap(times, times.int64s, to: result, ColumnValues.int64) { time, failure in
        if time > TimeFields.lastEpoch {
          failure.fail(
            .timeOutOfRange, "the epoch is out of range: no time after 294247-01-10 has one")
          return 0
        }
        return TimeFields.extract(.epoch, time, type, zone)
      }
    }
  }

  private static let intervalField = Signature([.literal(.text), .exactly(.interval)]) {
    arguments in
    guard let field = arguments[0].literalText.flatMap(TimeFields.Field.init(named:)),
      field.isOfInterval
    else { return nil }
    if field == .epoch {
      // Many months are more seconds than 64 bits of microseconds hold.
      let type = ColumnType.numeric(precision: 22, scale: 6)
      let kernel = Kernel.infallible { arguments, call in
        call.map(
          arguments[1], arguments[1].intervals, to: type, ColumnValues.int128,
          TimeFields.microseconds(of:))
      }
      return (type, kernel)
    }
    let type = field.type(of: .interval)
    let kernel = Kernel.infallible { arguments, call in
      call.map(arguments[1], arguments[1].intervals, to: type, ColumnValues.int64) {
        TimeFields.extract(field, $0)
      }
    }
    return (type, kernel)
  }
}
