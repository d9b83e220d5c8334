// Choosing rows. Row numbers are `Int32`: a frame has at most 2^31 - 1 rows.

extension Column {
  /// The values of these rows, in this order; a negative row number gives a null.
  public func taking(_ rows: [Int32]) -> Column {
    let hasGaps = rows.contains { $0 < 0 }
    func take<Value>(_ values: [Value], _ blank: Value) -> [Value] {
      values.withUnsafeBufferPointer { values in
        rows.map { $0 < 0 ? blank : values[Int($0)] }
      }
    }
    var taken: ColumnValues
    switch values {
    case .bool(let values): taken = .bool(take(values, false))
    case .int64(let values): taken = .int64(take(values, 0))
    case .int128(let values): taken = .int128(take(values, 0))
    case .float64(let values): taken = .float64(take(values, 0))
    case .interval(let values): taken = .interval(take(values, IntervalValue()))
    case .text(let codes, let dictionary):
      // A gap needs some code that exists, even where the dictionary is empty.
      let padded = dictionary.count == 0 && hasGaps ? TextDictionary([""]) : dictionary
      taken = .text(take(codes, 0), padded)
    }
    var taking: [Bool]?
    if let validity {
      taking = rows.map { $0 >= 0 && validity[Int($0)] }
    } else if hasGaps {
      taking = rows.map { $0 >= 0 }
    }
    return Column(type: type, values: taken, validity: taking)
  }

  /// A column that holds one value or null in every row.
  public static func nulls(_ type: ColumnType, count: Int) -> Column {
    Column.nullRow(type).taking(Array(repeating: -1, count: count))
  }

  private static func nullRow(_ type: ColumnType) -> Column {
    var builder = ColumnBuilder(type: type)
    builder.appendNull()
    return builder.build()
  }
}

extension Frame {
  /// These rows, in this order; a negative row number gives a row of nulls.
  public func taking(_ rows: [Int32]) -> Frame {
    Frame(schema: schema, columns: columns.map { $0.taking(rows) }, rowCount: rows.count)
  }

  /// The rows for which `mask`, one entry a row, is true, in their order.
  public func filtered(by mask: [Bool]) -> Frame {
    precondition(mask.count == rowCount, "a mask has one entry for each row")
    if !mask.contains(false) { return self }
    return taking(mask.indices.compactMap { mask[$0] ? Int32($0) : nil })
  }

  /// Frames of one schema, one after the other. Of frames that nobody else holds, each column is let go
  /// as soon as it is copied, so that there are never two of all.
  public static func concatenating(_ frames: consuming [Frame]) -> Frame? {
    guard let schema = frames.first?.schema else { return nil }
    guard frames.count > 1 else { return frames.first }
    precondition(frames.allSatisfy { $0.schema.names == schema.names })
    let rowCount = frames.reduce(0) { $0 + $1.rowCount }
    // From the last column to the first, which is then the last of each part.
    var parts = frames.map { Array($0.columns.reversed()) }
    frames = []
    let columns = schema.fields.indices.map { _ in
      Column.concatenating(parts.indices.map { parts[$0].removeLast() })
    }
    return Frame(schema: schema, columns: columns, rowCount: rowCount)
  }
}

extension Column {
  /// Columns of one type, one after the other; at least one.
  public static func concatenating(_ columns: [Column]) -> Column {
    var validity: [Bool]?
    if columns.contains(where: { $0.validity != nil }) {
      validity = columns.flatMap { $0.validity ?? Array(repeating: true, count: $0.count) }
    }
    return Column(
      type: columns[0].type, values: .concatenating(columns.map(\.values)), validity: validity)
  }
}

extension ColumnValues {
  /// Values of one representation.
  fileprivate static func concatenating(_ parts: [ColumnValues]) -> ColumnValues {
    func joined<Value>(_ arrays: [[Value]]) -> [Value] {
      var all: [Value] = []
      all.reserveCapacity(arrays.reduce(0) { $0 + $1.count })
      for array in arrays { all += array }
      return all
    }
    switch parts[0] {
    case .bool:
      return .bool(joined(parts.map { if case .bool(let values) = $0 { values } else { [] } }))
    case .int64:
      return .int64(joined(parts.map { if case .int64(let values) = $0 { values } else { [] } }))
    case .int128:
      return .int128(joined(parts.map { if case .int128(let values) = $0 { values } else { [] } }))
    case .float64:
      return .float64(
        joined(parts.map { if case .float64(let values) = $0 { values } else { [] } }))
    case .interval:
      return .interval(
        joined(parts.map { if case .interval(let values) = $0 { values } else { [] } }))
    case .text: return texts(parts)
    }
  }

  private static func texts(_ parts: [ColumnValues]) -> ColumnValues {
    var builder = TextDictionaryBuilder()
    var all: [Int32] = []
    all.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for case .text(let codes, let dictionary) in parts {
      let places = builder.codes(of: dictionary)
      places.withUnsafeBufferPointer { places in
        for code in codes { all.append(places[Int(code)]) }
      }
    }
    return .text(all, builder.build())
  }
}
