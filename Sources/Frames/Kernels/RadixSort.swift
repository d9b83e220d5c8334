/// Orders row numbers by integers, by least significant digits first: stable, and linear in the rows.
enum RadixSort {
  private static let digitBits = 11
  private static let buckets = 1 << digitBits

  private struct Entry {
    var key: UInt64
    var row: Int32
  }

  /// Reorders `rows` so that `keys[row]` ascends; rows of equal keys keep their order.
  static func sort(_ rows: inout ArraySlice<Int32>, by keys: UnsafeBufferPointer<Int64>) {
    var entries = rows.map { row in
      // As an unsigned number of the same order.
      Entry(key: UInt64(bitPattern: keys[Int(row)]) ^ (1 << 63), row: row)
    }
    var spare = entries
    // Digits that are alike in all keys, as the upper ones mostly are, need no pass.
    let first = entries.first?.key ?? 0
    let varying = entries.reduce(UInt64(0)) { $0 | ($1.key ^ first) }
    for shift in stride(from: 0, to: UInt64.bitWidth, by: digitBits)
    where (varying >> UInt64(shift)) & UInt64(buckets - 1) != 0 {
      scatter(entries, into: &spare, shift: UInt64(shift))
      swap(&entries, &spare)
    }
    let start = rows.startIndex
    for (place, entry) in entries.enumerated() { rows[start + place] = entry.row }
  }

  private static func scatter(_ entries: [Entry], into target: inout [Entry], shift: UInt64) {
    let mask = UInt64(buckets - 1)
    var places = [Int](repeating: 0, count: buckets)
    entries.withUnsafeBufferPointer { entries in
      target.withUnsafeMutableBufferPointer { target in
        places.withUnsafeMutableBufferPointer { places in
          for entry in entries { places[Int(truncatingIfNeeded: entry.key >> shift & mask)] &+= 1 }
          var start = 0
          for bucket in places.indices {
            let count = places[bucket]
            places[bucket] = start
            start &+= count
          }
          for entry in entries {
            let bucket = Int(truncatingIfNeeded: entry.key >> shift & mask)
            target[places[bucket]] = entry
            places[bucket] &+= 1
          }
        }
      }
    }
  }
}
