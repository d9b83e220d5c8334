import Foundation

/// Floating point as Postgres prints it (`extra_float_digits = 1`) and reads it.
enum FloatText {
  static func format(_ value: Double, isSingle: Bool) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    if value == 0 { return value.sign == .minus ? "-0" : "0" }
    // Swift prints the shortest digits that read back as the same value, as Postgres does; only the
    // layout differs.
    let shortest =
      isSingle ? unambiguous(Float(value), digits: 6...8) : unambiguous(value, digits: 14...16)
    let (digits, exponent) = parts(shortest)
    let sign = value < 0 ? "-" : ""
    let point = exponent + 1
    if exponent < -4 || exponent >= (isSingle ? 6 : 15) {
      let fraction = digits.dropFirst()
      let magnitude = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
      return sign + digits.prefix(1) + (fraction.isEmpty ? "" : ".\(fraction)")
        + "e\(exponent < 0 ? "-" : "+")\(magnitude)"
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if digits.count <= point {
      return sign + digits + String(repeating: "0", count: point - digits.count)
    }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
  }

  /// Swift takes digits that lie halfway to the next number if reading them rounds the right way;
  /// Postgres never does. Only whole numbers beyond the precision of the type have such digits.
  private static func unambiguous<
    Number: BinaryFloatingPoint & LosslessStringConvertible & CVarArg
  >(
    _ value: Number, digits: ClosedRange<Int>
  ) -> String {
    let shortest = value.description
    guard value.ulp > 1, let exact = Int128(exactly: value) else { return shortest }
    let neighbours = [value.nextUp, value.nextDown].compactMap { Int128(exactly: $0) }
    let candidates = [shortest] + digits.map { String(format: "%.\($0)e", value) }
    return candidates.first { text in
      guard Number(text) == value, let read = Decimal.parse(text), read.scale == 0 else {
        return false
      }
      return !neighbours.contains { read.unscaled - exact == $0 - read.unscaled }
    } ?? shortest
  }

  /// The significant digits of a printed number, and the exponent of the first.
  private static func parts(_ printed: String) -> (digits: String, exponent: Int) {
    let halves = printed.drop { $0 == "-" }.split(separator: "e")
    let exponent = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
    let mantissa = halves[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = mantissa[0]
    let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
    let leading = all.prefix { $0 == "0" }.count
    var digits = all.dropFirst(leading)
    while digits.count > 1, digits.last == "0" { digits = digits.dropLast() }
    return (String(digits), exponent + whole.count - 1 - leading)
  }

  /// Reads what Postgres reads; nil if it is no number, or one that is out of range.
  static func parse(_ text: String, isSingle: Bool) -> Double? {
    let trimmed = LiteralText.trimmed(text)
    switch trimmed.lowercased() {
    case "nan": return .nan
    case "inf", "infinity", "+infinity", "+inf": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: break
    }
    guard trimmed.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
      let value = isSingle ? Float(trimmed).map(Double.init) : Double(trimmed), value.isFinite
    else { return nil }
    let isZero = trimmed.prefix { $0 != "e" && $0 != "E" }.allSatisfy { !("1"..."9").contains($0) }
    return value == 0 && !isZero ? nil : value
  }
}
