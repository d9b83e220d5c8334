import Frames

/// Exact decimals as 128-bit integers times a power of ten.
enum Decimal {
  /// 10^0 to 10^38.
  static let powers: [Int128] = {
    var powers: [Int128] = [1]
    for _ in 0..<38 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()

  /// How many decimal digits a number has; 1 for zero.
  static func digits(_ value: Int128) -> Int {
    let magnitude = value.magnitude
    return max(1, powers.firstIndex { UInt128($0) > magnitude } ?? 39)
  }

  /// The value divided by 10^places, rounded half away from zero as Postgres rounds numerics.
  @inline(__always) static func rounded(_ value: Int128, dividedByTenTo places: Int) -> Int128 {
    guard places < powers.count else { return 0 }
    let divisor = powers[places]
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    let half = remainder.magnitude >= (UInt128(divisor) + 1) / 2
    return half && places > 0 ? quotient + (value < 0 ? -1 : 1) : quotient
  }

  /// A number as written: `-12.50`, `1e-3`, with blanks around it. Nil if it is none or has more than
  /// 38 digits; digits beyond `maximumScale` places are rounded away.
  static func parse(
    _ text: some StringProtocol, maximumScale: Int = 38
  ) -> (unscaled: Int128, scale: Int)? {
    var bytes = Substring(text).utf8[...]
    while let first = bytes.first, isSpace(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
    var isNegative = false
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      bytes = bytes.dropFirst()
    }
    var exponent = 0
    if let place = bytes.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      guard let written = Int(Substring(bytes[bytes.index(after: place)...])),
        abs(written) <= 1000
      else { return nil }
      exponent = written
      bytes = bytes[..<place]
    }
    var digits: [UInt8] = []
    var scale = 0
    var sawPoint = false
    for byte in bytes {
      if byte == UInt8(ascii: "."), !sawPoint {
        sawPoint = true
      } else if (0x30...0x39).contains(byte) {
        digits.append(byte - 0x30)
        if sawPoint { scale += 1 }
      } else {
        return nil
      }
    }
    guard !digits.isEmpty else { return nil }
    scale -= exponent
    if scale < 0 {
      guard scale >= -1000 else { return nil }
      digits += Array(repeating: 0, count: -scale)
      scale = 0
    }
    guard let (unscaled, finalScale) = value(digits, scale: scale, maximumScale: maximumScale)
    else { return nil }
    return (isNegative ? -unscaled : unscaled, finalScale)
  }

  private static func value(
    _ digits: [UInt8], scale: Int, maximumScale: Int
  ) -> (Int128, Int)? {
    let excess = max(0, scale - maximumScale)
    let kept = digits.dropLast(min(excess, digits.count))
    var value: Int128 = 0
    for digit in kept {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow || product >= powers[38] { return nil }
      value = product + Int128(digit)
    }
    if excess > 0, excess <= digits.count, digits[digits.count - excess] >= 5 { value += 1 }
    return value < powers[38] ? (value, scale - excess) : nil
  }

  /// `-12.50` for -1250 at scale 2.
  static func format(_ value: Int128, scale: Int) -> String {
    var digits = String(value.magnitude)
    if scale > 0 {
      if digits.utf8.count <= scale {
        digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
    }
    return value < 0 ? "-" + digits : digits
  }

  /// The nearest double.
  @inline(__always) static func double(_ value: Int128, scale: Int) -> Double {
    // Both parts are exact below these bounds, so the division is the only rounding.
    if value.magnitude < 1 << 53, scale <= 22 {
      return Double(Int64(truncatingIfNeeded: value)) / doublePowers[scale]
    }
    return Double(format(value, scale: scale)) ?? .nan
  }

  /// 10^0 to 10^22: the powers of ten that a double holds exactly.
  static let doublePowers: [Double] = (0...22).map { Double(powers[$0]) }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
