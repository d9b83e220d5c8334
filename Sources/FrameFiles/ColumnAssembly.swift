import Frames

/// One column of several parts.
struct ColumnAssembly {
  private enum Part {
    case file(StoredColumn)
    case memory(Column)

    var rows: Int {
      switch self {
      case .file(let column): column.rows
      case .memory(let column): column.count
      }
    }
  }

  private let type: ColumnType
  private let parts: [Part]
  private let rows: Int

  init(_ field: Field, _ parts: [FrameAssembly.Part], rows: Int) throws(FrameFileError) {
    type = field.type
    self.rows = rows
    var found: [Part] = []
    for part in parts {
      switch part {
      case .file(let file):
        if let place = file.schema.index(of: field.name) {
          found.append(.file(try StoredColumn(file, place)))
        }
      case .frame(let frame):
        if let column = frame[field.name] { found.append(.memory(column)) }
      }
    }
    self.parts = found
  }

  func column() throws -> Column {
    let values: ColumnValues =
      switch type.storage {
      case .bool: .bool(try bools())
      case .int64: .int64(try array(of: Int64.self))
      case .int128: .int128(try array(of: Int128.self))
      case .float64: .float64(try array(of: Double.self))
      case .text: try texts()
      case .interval: .interval(try array(of: IntervalValue.self))
      }
    return Column(type: type, values: values, validity: try validity())
  }

  /// The values of all parts; `Value` may have any bits.
  private func array<Value>(of type: Value.Type) throws -> [Value] {
    try Array(unsafeUninitializedCapacity: rows) { memory, count in
      let bytes = UnsafeMutableRawBufferPointer(memory)
      let width = MemoryLayout<Value>.size
      var start = 0
      for part in parts {
        let end = start + part.rows * width
        let target = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end])
        switch part {
        case .file(let column): try column.read(.values, into: target)
        case .memory(let column): column.values.withBytes { target.copyMemory(from: $0) }
        }
        start = end
      }
      count = rows
    }
  }

  private func bools() throws -> [Bool] {
    let bytes = try array(of: UInt8.self)
    return bytes.map { $0 & 1 == 1 }
  }

  private func validity() throws -> [Bool]? {
    let hasNulls = parts.contains { part in
      switch part {
      case .file(let column): column.header.hasNulls
      case .memory(let column): column.validity != nil
      }
    }
    guard hasNulls else { return nil }
    var validity: [Bool] = []
    validity.reserveCapacity(rows)
    for part in parts {
      switch part {
      case .file(let column) where column.header.hasNulls:
        let bits = try column.bytes(.validity)
        for row in 0..<column.rows { validity.append(bits[row >> 3] >> UInt8(row & 7) & 1 == 1) }
      case .file(let column): validity.append(contentsOf: repeatElement(true, count: column.rows))
      case .memory(let column):
        validity.append(
          contentsOf: column.validity ?? Array(repeating: true, count: column.count))
      }
    }
    return validity
  }

  private func texts() throws -> ColumnValues {
    var codes = try array(of: Int32.self)
    var dictionaries: [TextDictionary] = []
    var start = 0
    for part in parts {
      switch part {
      case .file(let column):
        let dictionary = try column.dictionary()
        try column.check(codes[start..<start + column.rows], in: dictionary)
        dictionaries.append(dictionary)
      case .memory(let column):
        if case .text(_, let dictionary) = column.values { dictionaries.append(dictionary) }
      }
      start += part.rows
    }
    guard let first = dictionaries.first else { return .text(codes, TextDictionary()) }
    if dictionaries.dropFirst().allSatisfy({
      $0.bytes == first.bytes && $0.offsets == first.offsets
    }) {
      return .text(codes, first)
    }
    var builder = TextDictionaryBuilder()
    start = 0
    for (part, dictionary) in zip(parts, dictionaries) {
      let places = builder.codes(of: dictionary)
      codes.withUnsafeMutableBufferPointer { codes in
        places.withUnsafeBufferPointer { places in
          for row in start..<start + part.rows { codes[row] = places[Int(codes[row])] }
        }
      }
      start += part.rows
    }
    return .text(codes, builder.build())
  }
}
