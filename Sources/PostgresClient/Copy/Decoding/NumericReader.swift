import Frames

/// Postgres's binary `numeric`: 16-bit counts and flags, then digits in base 10000, the first of
/// weight 10000^weight (`numeric_send` in numeric.c).
struct NumericReader {
  private let digits: UnsafeRawPointer
  private let count: Int
  private let weight: Int
  private let sign: UInt16

  private static let negative: UInt16 = 0x4000
  private static let nan: UInt16 = 0xc000
  private static let positiveInfinity: UInt16 = 0xd000
  private static let negativeInfinity: UInt16 = 0xf000

  init(_ bytes: UnsafeRawPointer, length: Int) throws(DecodeProblem) {
    guard length >= 8 else { throw .wrongLength }
    count = Int(bytes.bigEndian(at: 0, as: UInt16.self))
    guard length == 8 + 2 * count else { throw .wrongLength }
    weight = Int(bytes.bigEndian(at: 2, as: Int16.self))
    sign = bytes.bigEndian(at: 4, as: UInt16.self)
    digits = bytes + 8
    switch sign {
    case 0, Self.negative, Self.nan, Self.positiveInfinity, Self.negativeInfinity: break
    default: throw .malformed
    }
  }

  private func digit(_ index: Int) throws(DecodeProblem) -> Int64 {
    let digit = digits.bigEndian(at: 2 * index, as: UInt16.self)
    guard digit < 10_000 else { throw .malformed }
    return Int64(digit)
  }

  /// The value times 10^scale, which must be whole.
  func int64(scale: Int) throws(DecodeProblem) -> Int64 {
    let shift = scale + 4 * (weight - count + 1)
    guard count <= 4, shift > -4, shift <= 18, sign & 0x8000 == 0 else {
      guard let value = Int64(exactly: try int128(scale: scale)) else { throw .outOfRange }
      return value
    }
    // Four digits are below 10^16, so only the shift can overflow.
    var value: Int64 = 0
    for index in 0..<count { value = value * 10_000 + (try digit(index)) }
    if shift >= 0 {
      let (scaled, overflows) = value.multipliedReportingOverflow(by: Int64(PowersOfTen.int[shift]))
      if overflows { throw .outOfRange }
      value = scaled
    } else {
      let (quotient, rest) = value.quotientAndRemainder(dividingBy: PowersOfTen.int[-shift])
      if rest != 0 { throw .outOfRange }
      value = quotient
    }
    return sign == Self.negative ? -value : value
  }

  /// The value times 10^scale, which must be whole.
  func int128(scale: Int) throws(DecodeProblem) -> Int128 {
    try refuseSpecial()
    var value: Int128 = 0
    for index in 0..<count {
      let digit = try digit(index)
      if digit == 0 { continue }
      let exponent = scale + 4 * (weight - index)
      let part: Int128
      if exponent >= 0 {
        guard exponent < PowersOfTen.int128.count else { throw .outOfRange }
        let (product, overflows) = PowersOfTen.int128[exponent]
          .multipliedReportingOverflow(by: Int128(digit))
        if overflows { throw .outOfRange }
        part = product
      } else {
        // Of the last digit only the leading decimals may count.
        guard exponent > -4, digit % PowersOfTen.int[-exponent] == 0 else { throw .outOfRange }
        part = Int128(digit / PowersOfTen.int[-exponent])
      }
      let (sum, overflows) = value.addingReportingOverflow(part)
      if overflows { throw .outOfRange }
      value = sum
    }
    return sign == Self.negative ? -value : value
  }

  private func refuseSpecial() throws(DecodeProblem) {
    switch sign {
    case Self.nan: throw .notANumber
    case Self.positiveInfinity, Self.negativeInfinity: throw .infinite
    default: return
    }
  }

  /// The nearest float8. NaN and infinities stay; beyond the range of float8 is an error.
  func double() throws(DecodeProblem) -> Double {
    switch sign {
    case Self.nan: return .nan
    case Self.positiveInfinity: return .infinity
    case Self.negativeInfinity: return -.infinity
    default: break
    }
    let magnitude = try nearestMagnitude()
    return sign == Self.negative ? -magnitude : magnitude
  }

  private func nearestMagnitude() throws(DecodeProblem) -> Double {
    let exponent = 4 * (weight - count + 1)
    if count <= 3, abs(exponent) <= 22 {
      // Both operands are exact in float8, so one operation rounds once: the nearest.
      var value: Int64 = 0
      for index in 0..<count { value = value * 10_000 + (try digit(index)) }
      let power = PowersOfTen.double[abs(exponent)]
      return exponent < 0 ? Double(value) / power : Double(value) * power
    }
    var text = ""
    for index in 0..<count {
      let part = String(try digit(index))
      text += String(repeating: "0", count: 4 - part.count) + part
    }
    guard let value = Double(text + "e\(exponent)") else { throw .malformed }
    if value.isInfinite { throw .outOfRange }
    return value
  }
}

enum PowersOfTen {
  /// 10^0 to 10^18.
  static let int: [Int64] = (0...18).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
  /// 10^0 to 10^38.
  static let int128: [Int128] = (0...38).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
  /// 10^0 to 10^22: those that float8 holds exactly.
  static let double: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}

extension UnsafeRawPointer {
  @inline(__always)
  func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Value.Type
  ) -> Value {
    Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }
}
