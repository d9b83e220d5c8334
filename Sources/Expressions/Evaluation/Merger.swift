import Frames

/// Puts a column together from pieces that were evaluated for some of the rows each.
struct Merger {
  private let type: ColumnType
  private var values: Buffer
  private var validity: [Bool]

  /// The same cases as `ColumnValues`, with a dictionary that can grow.
  private enum Buffer {
    case bool([Bool])
    case int64([Int64])
    case int128([Int128])
    case float64([Double])
    case text([Int32], TextDictionaryBuilder)
    case interval([IntervalValue])
  }

  /// A column of nulls.
  init(type: ColumnType, count: Int) {
    self.type = type
    validity = Array(repeating: false, count: count)
    values =
      switch type.storage {
      case .bool: .bool(Array(repeating: false, count: count))
      case .int64: .int64(Array(repeating: 0, count: count))
      case .int128: .int128(Array(repeating: 0, count: count))
      case .float64: .float64(Array(repeating: 0, count: count))
      case .text: .text(Array(repeating: 0, count: count), Self.dictionaryWithEmpty())
      case .interval: .interval(Array(repeating: IntervalValue(), count: count))
      }
  }

  /// Code 0 is the text that stands under nulls.
  private static func dictionaryWithEmpty() -> TextDictionaryBuilder {
    var builder = TextDictionaryBuilder()
    _ = builder.code(of: "")
    return builder
  }

  /// Sets the rows `places` to the values of a piece, in order, where `isTaken` holds for its row.
  mutating func take(_ piece: Vector, at places: [Int32], where isTaken: (Int) -> Bool) {
    for (row, place) in places.enumerated() where isTaken(row) {
      validity[Int(place)] = !piece.isNull(row)
    }
    func copy<T>(_ lane: Lane<T>, into values: inout [T]) {
      for (row, place) in places.enumerated() where isTaken(row) {
        values[Int(place)] = lane.values[row &* lane.stride]
      }
    }
    // Taken out and put back, so that the arrays are not copied.
    let buffer = values
    values = .bool([])
    switch buffer {
    case .bool(var values):
      copy(piece.bools, into: &values)
      self.values = .bool(values)
    case .int64(var values):
      copy(piece.int64s, into: &values)
      self.values = .int64(values)
    case .int128(var values):
      copy(piece.int128s, into: &values)
      self.values = .int128(values)
    case .float64(var values):
      copy(piece.doubles, into: &values)
      self.values = .float64(values)
    case .interval(var values):
      copy(piece.intervals, into: &values)
      self.values = .interval(values)
    case .text(var codes, var builder):
      let (lane, dictionary) = piece.texts
      var known = [Int32](repeating: -1, count: dictionary.count)
      for (row, place) in places.enumerated() where isTaken(row) && !piece.isNull(row) {
        let code = Int(lane.values[row &* lane.stride])
        if known[code] < 0 { known[code] = builder.code(of: dictionary.utf8(Int32(code))) }
        codes[Int(place)] = known[code]
      }
      self.values = .text(codes, builder)
    }
  }

  func result() -> Vector {
    let merged: ColumnValues =
      switch values {
      case .bool(let values): .bool(values)
      case .int64(let values): .int64(values)
      case .int128(let values): .int128(values)
      case .float64(let values): .float64(values)
      case .text(let codes, let builder): .text(codes, builder.build())
      case .interval(let values): .interval(values)
      }
    return Vector(type, merged, validity: validity, isConstant: false)
  }
}

extension TextDictionaryBuilder {
  mutating func code(of text: ArraySlice<UInt8>) -> Int32 {
    text.withUnsafeBufferPointer { code(of: $0) }
  }
}
