/// Gives each distinct integer key a dense number, in the order of first sight: by address where the
/// keys lie close together, as those of a serial column do, and by hashing where they do not.
struct KeyIndex {
  private let least: Int64
  private let span: UInt64
  /// The number of each key from `least` on, -1 for one that was not inserted.
  private var direct: [Int32]
  private var hashed: IntegerIndex
  private(set) var count = 0

  /// An index into which only some of these keys are inserted.
  init(of keys: [Int64]) {
    var least = Int64.max
    var greatest = Int64.min
    for key in keys {
      least = min(least, key)
      greatest = max(greatest, key)
    }
    let (distance, isFar) = greatest.subtractingReportingOverflow(least)
    let isClose = !keys.isEmpty && !isFar && distance < 4 * keys.count + 1024
    self.least = least
    span = isClose ? UInt64(distance) : 0
    direct = isClose ? Array(repeating: -1, count: Int(distance) + 1) : []
    hashed = IntegerIndex(capacity: isClose ? 0 : 64)
  }

  /// The number of a key, -1 if it was never inserted.
  @inline(__always)
  func find(_ key: Int64) -> Int32 {
    guard !direct.isEmpty else { return hashed.find(key) }
    let place = UInt64(bitPattern: key &- least)
    return place <= span ? direct[Int(truncatingIfNeeded: place)] : -1
  }

  /// The number of one of the keys, a new one if it is inserted for the first time.
  @inline(__always)
  mutating func insert(_ key: Int64) -> Int32 {
    let number: Int32
    if direct.isEmpty {
      number = hashed.insert(key)
      count = hashed.count
      return number
    }
    let place = Int(truncatingIfNeeded: key &- least)
    if direct[place] < 0 {
      direct[place] = Int32(count)
      count += 1
    }
    return direct[place]
  }
}
