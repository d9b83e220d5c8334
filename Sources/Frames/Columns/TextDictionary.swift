/// The distinct texts of a column, in one buffer. Immutable; made by `TextDictionaryBuilder`.
public struct TextDictionary: Sendable {
  /// UTF-8 of all texts, one after the other.
  public let bytes: [UInt8]
  /// Start of each text in `bytes`, and the end of the last.
  public let offsets: [Int]

  public init(bytes: [UInt8] = [], offsets: [Int] = [0]) {
    self.bytes = bytes
    self.offsets = offsets
  }

  public init(_ texts: some Sequence<String>) {
    var bytes: [UInt8] = []
    var offsets = [0]
    for text in texts {
      bytes.append(contentsOf: text.utf8)
      offsets.append(bytes.count)
    }
    self.init(bytes: bytes, offsets: offsets)
  }

  public var count: Int { offsets.count - 1 }

  public subscript(code: Int32) -> String {
    String(decoding: utf8(code), as: UTF8.self)
  }

  public func utf8(_ code: Int32) -> ArraySlice<UInt8> {
    bytes[offsets[Int(code)]..<offsets[Int(code) + 1]]
  }

  /// Whether one text comes before another in the order of `COLLATE "C"`: by bytes.
  public func precedes(_ a: Int32, _ b: Int32) -> Bool {
    utf8(a).lexicographicallyPrecedes(utf8(b))
  }

  /// The rank of each code in byte order; equal texts get equal ranks.
  public func ranks() -> [Int32] {
    let order = (0..<Int32(count)).sorted(by: precedes)
    var ranks = [Int32](repeating: 0, count: count)
    var rank: Int32 = 0
    for (place, code) in order.enumerated() {
      if place > 0, precedes(order[place - 1], code) { rank += 1 }
      ranks[Int(code)] = rank
    }
    return ranks
  }
}

/// Gives each distinct text a code, in the order of first sight.
public struct TextDictionaryBuilder: Sendable {
  private var bytes: [UInt8] = []
  private var offsets = [0]
  /// Open addressing: code + 1, or 0 where a slot is free. Its size is a power of two.
  private var slots = [Int32](repeating: 0, count: 64)

  public init() {}

  /// Starts from a dictionary whose texts are all different.
  public init(_ dictionary: TextDictionary) {
    _ = codes(of: dictionary)
  }

  public var count: Int { offsets.count - 1 }

  public mutating func code(of text: String) -> Int32 {
    var text = text
    return text.withUTF8 { code(of: $0) }
  }

  public mutating func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    var slot = Int(truncatingIfNeeded: Self.hash(text)) & (slots.count - 1)
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if equals(entry - 1, text) { return entry - 1 }
      slot = (slot + 1) & (slots.count - 1)
    }
    bytes.append(contentsOf: text)
    offsets.append(bytes.count)
    let code = Int32(count - 1)
    slots[slot] = code + 1
    if count * 2 > slots.count { grow() }
    return code
  }

  /// The code here of each text of another dictionary.
  public mutating func codes(of other: TextDictionary) -> [Int32] {
    other.bytes.withUnsafeBufferPointer { all in
      (0..<other.count).map { place in
        code(
          of: UnsafeBufferPointer(rebasing: all[other.offsets[place]..<other.offsets[place + 1]]))
      }
    }
  }

  public func build() -> TextDictionary { TextDictionary(bytes: bytes, offsets: offsets) }

  private func equals(_ code: Int32, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = offsets[Int(code)]
    let length = offsets[Int(code) + 1] - start
    guard length == text.count else { return false }
    return bytes.withUnsafeBufferPointer { all in
      for index in 0..<length where all[start + index] != text[index] { return false }
      return true
    }
  }

  private mutating func grow() {
    var larger = [Int32](repeating: 0, count: slots.count * 2)
    bytes.withUnsafeBufferPointer { all in
      for code in 0..<count {
        let text = UnsafeBufferPointer(rebasing: all[offsets[code]..<offsets[code + 1]])
        var slot = Int(truncatingIfNeeded: Self.hash(text)) & (larger.count - 1)
        while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
        larger[slot] = Int32(code) + 1
      }
    }
    slots = larger
  }

  /// Takes eight bytes at a time: a multiplication of each word with what came before, folded.
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let bytes = UnsafeRawBufferPointer(text)
    var hash = UInt64(bytes.count) &* 0x9e37_79b9_7f4a_7c15
    var offset = 0
    while offset &+ 8 <= bytes.count {
      hash = mix(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset &+= 1
    }
    return mix(hash, rest)
  }

  @inline(__always) private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    return hash ^ product.high ^ product.low
  }
}
