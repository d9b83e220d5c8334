/// Values by their place in ascending order, found without ordering them all: they are counted into
/// buckets of equal width, and only the bucket that holds the place is looked at again.
public enum OrderStatistics {
  private static let bucketBits = 11
  /// So few are sorted.
  private static let few = 1024

  /// The value at a place, from 0, in the ascending order of some values.
  public static func value(at place: Int, of values: [Int64]) -> Int64 {
    precondition(values.indices.contains(place), "a place is one of a value")
    var (values, place) = (values, place)
    while values.count > few {
      let (least, greatest) = bounds(values)
      if least == greatest { return least }
      let range = UInt64(bitPattern: greatest &- least)
      let shift = UInt64(max(0, UInt64.bitWidth - range.leadingZeroBitCount - bucketBits))
      let (bucket, before) = bucket(of: place, values, from: least, shift)
      place -= before
      values = values.filter { UInt64(bitPattern: $0 &- least) >> shift == bucket }
    }
    return values.sorted()[place]
  }

  private static func bounds(_ values: [Int64]) -> (least: Int64, greatest: Int64) {
    var (least, greatest) = (Int64.max, Int64.min)
    for value in values {
      least = min(least, value)
      greatest = max(greatest, value)
    }
    return (least, greatest)
  }

  /// The bucket that holds a place, and how many values lie in those before it.
  private static func bucket(
    of place: Int, _ values: [Int64], from least: Int64, _ shift: UInt64
  ) -> (bucket: UInt64, before: Int) {
    var sizes = [Int](repeating: 0, count: 1 << bucketBits)
    sizes.withUnsafeMutableBufferPointer { sizes in
      for value in values {
        sizes[Int(truncatingIfNeeded: UInt64(bitPattern: value &- least) >> shift)] &+= 1
      }
    }
    var before = 0
    var bucket = 0
    while before + sizes[bucket] <= place {
      before += sizes[bucket]
      bucket += 1
    }
    return (UInt64(bucket), before)
  }
}
