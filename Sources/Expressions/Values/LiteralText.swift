import Frames

/// Reads a text as a value of a type.
enum LiteralText {
  /// `true`, `yes`, `on`, `1` and their opposites, or the beginning of one that is not ambiguous.
  static func bool(_ text: String) -> Bool? {
    let word = trimmed(text).lowercased()
    if word.isEmpty { return nil }
    if word == "1" || word == "on" || "true".hasPrefix(word) || "yes".hasPrefix(word) {
      return true
    }
    if word == "0" || (word.count > 1 && "off".hasPrefix(word)) || "false".hasPrefix(word)
      || "no".hasPrefix(word)
    {
      return false
    }
    return nil
  }

  /// A value of a type that is held in 64 bits, as it is held; local times are read in `zone`.
  static func int64(_ text: String, _ type: ColumnType, zone: CalendarZone) -> Int64? {
    if type.isTime { return time(text, type, zone: zone) }
    if type.isNumeric { return numeric(text, type).map { Int64(truncatingIfNeeded: $0) } }
    return Int64(trimmed(text)).flatMap { type.integerRange.contains($0) ? $0 : nil }
  }

  static func numeric(_ text: String, _ type: ColumnType) -> Int128? {
    let (precision, scale) = type.exactDigits
    guard let parsed = Decimal.parse(text, maximumScale: scale) else { return nil }
    let (value, overflow) = parsed.unscaled.multipliedReportingOverflow(
      by: Decimal.powers[scale - parsed.scale])
    return overflow || value.magnitude >= Decimal.powers[precision].magnitude ? nil : value
  }

  private static func time(_ text: String, _ type: ColumnType, zone: CalendarZone) -> Int64? {
    guard let parsed = TimeText.parse(text) else { return nil }
    if parsed.isInfinite { return parsed.microseconds }
    switch type {
    case .date: return TimeCasts.day(parsed.microseconds)
    case .timestamp: return parsed.microseconds
    default:
      return parsed.offset.map { parsed.microseconds - $0 }
        ?? zone.instant(local: parsed.microseconds)
    }
  }

  /// Without the blanks around it. By bytes: a blank with an accent on it is one character.
  static func trimmed(_ text: String) -> String {
    var bytes = Substring(text).utf8
    while let first = bytes.first, Decimal.isSpace(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, Decimal.isSpace(last) { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// UUIDs in their usual form.
enum UUIDText {
  static func format(_ value: Int128) -> String {
    let digits = String(UInt128(bitPattern: value), radix: 16)
    let padded = Array(String(repeating: "0", count: 32 - digits.utf8.count) + digits)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(padded[$0]) }
      .joined(separator: "-")
  }

  /// 32 hexadecimal digits, with hyphens or without, perhaps in braces.
  static func parse(_ text: String) -> Int128? {
    var text = Substring(text)
    if text.hasPrefix("{"), text.hasSuffix("}") { text = text.dropFirst().dropLast() }
    let digits = text.filter { $0 != "-" }
    guard digits.utf8.count == 32, digits.utf8.allSatisfy(isHexadecimal) else { return nil }
    return UInt128(digits, radix: 16).map(Int128.init(bitPattern:))
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }
}
