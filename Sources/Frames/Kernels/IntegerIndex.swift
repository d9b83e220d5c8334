/// Gives each distinct integer a dense number, in the order of first sight. Open addressing.
public struct IntegerIndex: Sendable {
  private var keys: [Int64]
  private var numbers: [Int32]
  public private(set) var count = 0

  public init(capacity: Int = 16) {
    var size = 64
    while size < capacity * 2 { size *= 2 }
    keys = Array(repeating: 0, count: size)
    numbers = Array(repeating: -1, count: size)
  }

  /// The number of a key, -1 if it was never inserted.
  public func find(_ key: Int64) -> Int32 { numbers[slot(of: key)] }

  /// The number of a key, a new one if it is seen for the first time.
  public mutating func insert(_ key: Int64) -> Int32 {
    let place = slot(of: key)
    if numbers[place] >= 0 { return numbers[place] }
    let number = Int32(count)
    keys[place] = key
    numbers[place] = number
    count += 1
    if count * 2 > keys.count { grow() }
    return number
  }

  /// The slot that holds the key, or the free one where it would go.
  private func slot(of key: Int64) -> Int {
    let mask = keys.count - 1
    // Fibonacci hashing, folded: sequential and strided keys spread alike.
    let product = UInt64(bitPattern: key) &* 0x9e37_79b9_7f4a_7c15
    var place = Int(truncatingIfNeeded: product ^ (product >> 32)) & mask
    while numbers[place] >= 0 && keys[place] != key { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    let oldKeys = keys
    let oldNumbers = numbers
    keys = Array(repeating: 0, count: oldKeys.count * 2)
    numbers = Array(repeating: -1, count: oldKeys.count * 2)
    for place in oldKeys.indices where oldNumbers[place] >= 0 {
      let new = slot(of: oldKeys[place])
      keys[new] = oldKeys[place]
      numbers[new] = oldNumbers[place]
    }
  }
}
