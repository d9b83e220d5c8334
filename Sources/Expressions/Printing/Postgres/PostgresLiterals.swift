import Frames

extension PostgresGrammar {
  func literal(_ value: LiteralValue, _ type: ColumnType) -> SQLTerm {
    switch value {
    case .null: cast(SQLTerm("null"), to: type)
    case .bool(let value): SQLTerm(value ? "true" : "false")
    case .text(let bytes): SQLTerm(quoted(String(decoding: bytes, as: UTF8.self)))
    case .interval(let value): SQLTerm("interval \(quoted(IntervalText.format(value)))")
    case .float(let bits):
      cast(
        SQLTerm(
          quoted(FloatText.format(Double(bitPattern: bits), isSingle: type == .float4))),
        to: type)
    case .integer(let value): integer(value, type)
    }
  }

  private func integer(_ value: Int128, _ type: ColumnType) -> SQLTerm {
    let short = Int64(truncatingIfNeeded: value)
    switch type {
    case .date: return SQLTerm("date \(quoted(TimeText.date(short)))")
    case .timestamp: return SQLTerm("timestamp \(quoted(TimeText.timestamp(short)))")
    case .timestamptz:
      return SQLTerm("timestamptz \(quoted(TimeText.timestamp(short, offset: 0)))")
    case .uuid: return cast(SQLTerm(quoted(UUIDText.format(value))), to: .uuid)
    case .numeric(_, let scale):
      let digits = number(Decimal.format(value, scale: scale))
      return scale == 0 ? SQLTerm("\(digits.nested)::numeric") : digits
    default:
      let digits = number(String(value))
      return ofItself(value) == type ? digits : cast(digits, to: type)
    }
  }

  private func number(_ digits: String) -> SQLTerm {
    SQLTerm(digits, isSimple: !digits.hasPrefix("-"))
  }

  /// The type that Postgres gives to a whole number as written. It reads the digits before their sign.
  private func ofItself(_ value: Int128) -> ColumnType? {
    value.magnitude <= Int32.max.magnitude
      ? .int4 : value.magnitude <= Int64.max.magnitude ? .int8 : nil
  }
}
