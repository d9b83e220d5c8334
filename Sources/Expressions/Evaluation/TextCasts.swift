import Frames

/// Casts to and from text.
enum TextCasts {
  static func kernel(from source: ColumnType, to target: ColumnType) -> Kernel? {
    if target == .text { return toText(source) }
    return source == .text ? fromText(target) : nil
  }

  // MARK: To text

  private static func toText(_ source: ColumnType) -> Kernel {
    if source.storage == .text {
      return .infallible { arguments, _ in arguments[0].relabelled(.text) }
    }
    return .infallible { arguments, call in
      let argument = arguments[0]
      var builder = ColumnBuilder(type: .text)
      for place in 0..<argument.column.count {
        if argument.column.isNull(place) {
          builder.appendNull()
        } else {
          builder.append(printed(argument.column, place, call.context.zone))
        }
      }
      return Vector(builder.build(), isConstant: argument.isConstant)
    }
  }

  /// A value that is not null as Postgres's cast to text prints it.
  static func printed(_ column: Column, _ place: Int, _ zone: CalendarZone) -> String {
    let scale = column.type.exactDigits.scale
    switch (column.values, column.type) {
    case (.bool(let values), _): return values[place] ? "true" : "false"
    case (.int64(let values), .date): return TimeText.date(values[place])
    case (.int64(let values), .timestamp): return TimeText.timestamp(values[place])
    case (.int64(let values), .timestamptz):
      return TimeText.timestamp(
        zone.local(values[place]), offset: zone.offset(at: values[place]))
    case (.int64(let values), _): return Decimal.format(Int128(values[place]), scale: scale)
    case (.int128(let values), .uuid): return UUIDText.format(values[place])
    case (.int128(let values), _): return Decimal.format(values[place], scale: scale)
    case (.float64(let values), let type):
      return FloatText.format(values[place], isSingle: type == .float4)
    case (.text(let codes, let dictionary), _): return dictionary[codes[place]]
    case (.interval(let values), _): return IntervalText.format(values[place])
    }
  }

  // MARK: From text

  private static func fromText(_ target: ColumnType) -> Kernel? {
    switch target.storage {
    case .bool:
      return parsing(target, ColumnValues.bool, false) { text, _ in LiteralText.bool(text) }
    case .int64:
      return parsing(target, ColumnValues.int64, 0) { LiteralText.int64($0, target, zone: $1) }
    case .int128:
      return parsing(target, ColumnValues.int128, 0) { text, _ in
        target == .uuid ? UUIDText.parse(text) : LiteralText.numeric(text, target)
      }
    case .float64:
      return parsing(target, ColumnValues.float64, 0) { text, _ in
        FloatText.parse(text, isSingle: target == .float4)
      }
    case .interval:
      return parsing(target, ColumnValues.interval, IntervalValue()) { text, _ in
        IntervalText.parse(text)
      }
    case .text: return nil
    }
  }

  private static func isFinite(_ text: String) -> Bool {
    FloatText.parse(text, isSingle: false)?.isFinite ?? true
  }

  private static func parsing<R: Sendable>(
    _ target: ColumnType, _ wrap: @escaping @Sendable ([R]) -> ColumnValues, _ placeholder: R,
    _ parse: @escaping @Sendable (String, CalendarZone) -> R?
  ) -> Kernel {
    let kind: EvaluationError.Kind =
      target.isTime || target == .interval ? .invalidTime : .invalidText
    return .fallible { arguments, call throws(EvaluationError) in
      let zone = call.context.zone
      return try call.tryTextMap(arguments, to: target, wrap, placeholder: placeholder) {
        row, failure in
        guard let value = parse(row.string(0), zone) else {
          if target.isNumeric, FloatText.parse(row.string(0), isSingle: false) != nil {
            failure.fail(.outOfRange, isFinite(row.string(0)) ? Kernel.overflow : Kernel.notFinite)
          } else {
            failure.fail(kind, "a text is no value of type \(target.sqlName)")
          }
          return placeholder
        }
        return value
      }
    }
  }
}
