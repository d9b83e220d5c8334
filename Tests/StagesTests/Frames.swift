import Frames

/// An instant in UTC.
func day(_ year: Int, _ month: Int, _ day: Int, hour: Int = 0, minute: Int = 0) -> Instant {
  Instant(
    microseconds: CivilDate(year: year, month: month, day: day).days * Instant.microsecondsPerDay
      + Int64(hour * 60 + minute) * 60_000_000)
}

/// A column by its values; text, numbers, truths or instants, nil for null.
func column(_ type: ColumnType, _ values: [Any?]) -> Column {
  var builder = ColumnBuilder(type: type)
  for value in values {
    switch value {
    case nil: builder.appendNull()
    case let value as Bool: builder.append(value)
    case let value as Int: builder.append(Int64(value))
    case let value as Double: builder.append(value)
    case let value as String: builder.append(value)
    case let value as Instant: builder.append(value.microseconds)
    default: preconditionFailure("no value for a column: \(String(describing: value))")
    }
  }
  return builder.build()
}

/// A frame by its columns.
func frame(_ columns: [(Field, [Any?])]) -> Frame {
  Frame(
    schema: Schema(columns.map(\.0)), columns: columns.map { column($0.0.type, $0.1) },
    rowCount: columns.first?.1.count ?? 0)
}

extension Frame {
  func integers(_ name: String) -> [Int?] {
    guard let column = self[name], case .int64(let values) = column.values else { return [] }
    return values.indices.map { column.isNull($0) ? nil : Int(values[$0]) }
  }

  func texts(_ name: String) -> [String?] {
    guard let column = self[name], case .text(let codes, let dictionary) = column.values else {
      return []
    }
    return codes.indices.map { column.isNull($0) ? nil : dictionary[codes[$0]] }
  }

  func doubles(_ name: String) -> [Double?] {
    guard let column = self[name], case .float64(let values) = column.values else { return [] }
    return values.indices.map { column.isNull($0) ? nil : values[$0] }
  }
}
