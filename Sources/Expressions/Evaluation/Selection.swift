import Frames

/// The rows of a frame that are evaluated.
enum Selection: Sendable {
  case all(Int)
  case rows([Int32])

  var count: Int {
    switch self {
    case .all(let count): count
    case .rows(let rows): rows.count
    }
  }

  /// The frame's row of a place in the selection.
  func row(_ place: Int) -> Int {
    switch self {
    case .all: place
    case .rows(let rows): Int(rows[place])
    }
  }

  /// The selection of the places where `isChosen` holds, and these places.
  func narrowed(_ isChosen: (Int) -> Bool) -> (selection: Selection, places: [Int32]) {
    var places: [Int32] = []
    for place in 0..<count where isChosen(place) { places.append(Int32(place)) }
    switch self {
    case .all: return (.rows(places), places)
    case .rows(let rows): return (.rows(places.map { rows[Int($0)] }), places)
    }
  }
}

extension Column {
  /// The values at `rows`, in their order.
  func gathered(_ rows: [Int32]) -> Column {
    func gather<T>(_ values: [T]) -> [T] {
      values.withUnsafeBufferPointer { values in
        [T](unsafeUninitializedCapacity: rows.count) { output, count in
          for (place, row) in rows.enumerated() {
            output.initializeElement(at: place, to: values[Int(row)])
          }
          count = rows.count
        }
      }
    }
    let gathered: ColumnValues =
      switch values {
      case .bool(let values): .bool(gather(values))
      case .int64(let values): .int64(gather(values))
      case .int128(let values): .int128(gather(values))
      case .float64(let values): .float64(gather(values))
      case .text(let codes, let dictionary): .text(gather(codes), dictionary)
      case .interval(let values): .interval(gather(values))
      }
    return Column(type: type, values: gathered, validity: validity.map(gather))
  }
}
