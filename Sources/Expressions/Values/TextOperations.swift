/// Functions of UTF-8 texts. Characters are code points, as in Postgres.
enum TextOperations {
  typealias Text = ArraySlice<UInt8>
  enum Side: Sendable { case both, leading, trailing }

  /// Whether a byte is the first of a code point.
  @inline(__always) private static func isStart(_ byte: UInt8) -> Bool { byte & 0xc0 != 0x80 }

  static func length(_ text: Text) -> Int { text.reduce(0) { $0 + (isStart($1) ? 1 : 0) } }

  /// Where the n-th code point begins, from 0; the end if there are not as many.
  private static func index(_ text: Text, _ n: Int) -> Int {
    guard n > 0 else { return text.startIndex }
    var seen = 0
    for place in text.indices where isStart(text[place]) {
      if seen == n { return place }
      seen += 1
    }
    return text.endIndex
  }

  /// One code point to one, as the C library's `towlower` and `towupper` map them in C.UTF-8.
  static func mapCase(_ text: Text, upper: Bool) -> [UInt8] {
    if text.allSatisfy({ $0 < 0x80 }) {
      let first: UInt8 = upper ? 0x61 : 0x41
      return text.map { (first..<first + 26).contains($0) ? $0 ^ 0x20 : $0 }
    }
    var result = String.UnicodeScalarView()
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      result.append(CaseMapping.map(scalar, upper: upper))
    }
    return Array(String(result).utf8)
  }

  /// A word is a run of letters and digits.
  static func capitalize(_ text: Text) -> [UInt8] {
    var result = String.UnicodeScalarView()
    var isInside = false
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      let mapped = CaseMapping.map(scalar, upper: !isInside)
      result.append(mapped)
      isInside = RegexSet.CharacterClass.isAlphanumeric(mapped)
    }
    return Array(String(result).utf8)
  }

  static func reverse(_ text: Text) -> [UInt8] {
    let reversed = String(decoding: text, as: UTF8.self).unicodeScalars.reversed()
    var result = String.UnicodeScalarView()
    result.append(contentsOf: reversed)
    return Array(String(result).utf8)
  }

  static func trim(_ text: Text, _ characters: Text, _ side: Side) -> Text {
    if characters.allSatisfy({ $0 < 0x80 }) {
      var text = text
      if side != .trailing { text = text.drop { characters.contains($0) } }
      while side != .leading, let last = text.last, characters.contains(last) {
        text = text.dropLast()
      }
      return text
    }
    let set = Set(String(decoding: characters, as: UTF8.self).unicodeScalars)
    var scalars = String(decoding: text, as: UTF8.self).unicodeScalars[...]
    if side != .trailing { scalars = scalars.drop { set.contains($0) } }
    while side != .leading, let last = scalars.last, set.contains(last) {
      scalars = scalars.dropLast()
    }
    return Array(String(scalars).utf8)[...]
  }

  static func left(_ text: Text, _ count: Int64) -> Text {
    let kept = count >= 0 ? count : Int64(length(text)) + count
    return text[text.startIndex..<index(text, Int(max(0, kept)))]
  }

  static func right(_ text: Text, _ count: Int64) -> Text {
    let dropped = count >= 0 ? Int64(length(text)) - count : -count
    return text[index(text, Int(max(0, dropped)))...]
  }

  /// The code points at `from..<from + length`, counted from 1; places before the first count too.
  static func substring(_ text: Text, from start: Int64, length: Int64?) -> Text {
    let end = length.map { start + $0 } ?? .max
    guard end > 1 else { return [] }
    let rest = text[index(text, Int(max(0, start - 1)))...]
    return end == .max ? rest : rest[rest.startIndex..<index(rest, Int(end - max(1, start)))]
  }

  static func replace(_ text: Text, _ old: Text, by new: Text) -> [UInt8] {
    guard !old.isEmpty else { return Array(text) }
    var result: [UInt8] = []
    var rest = text
    while let place = find(old, in: rest) {
      result += rest[rest.startIndex..<place]
      result += new
      rest = rest[(place + old.count)...]
    }
    return result + rest
  }

  static func part(_ text: Text, separator: Text, _ number: Int64) -> [UInt8] {
    if text.isEmpty { return [] }
    if separator.isEmpty { return number == 1 || number == -1 ? Array(text) : [] }
    var parts: [Text] = []
    var rest = text
    while let place = find(separator, in: rest) {
      parts.append(rest[rest.startIndex..<place])
      rest = rest[(place + separator.count)...]
    }
    parts.append(rest)
    let place = number > 0 ? number - 1 : Int64(parts.count) + number
    return (0..<Int64(parts.count)).contains(place) ? Array(parts[Int(place)]) : []
  }

  static func position(of needle: Text, in text: Text) -> Int64 {
    guard let place = find(needle, in: text) else { return 0 }
    return Int64(length(text[text.startIndex..<place])) + 1
  }

  private static func find(_ needle: Text, in text: Text) -> Int? {
    guard needle.count <= text.count else { return nil }
    for place in text.startIndex...(text.endIndex - needle.count)
    where text[place...].starts(with: needle) {
      return place
    }
    return nil
  }
}

/// Simple case mappings, from one code point to one, as in the C library's C.UTF-8.
enum CaseMapping {
  static func map(_ scalar: Unicode.Scalar, upper: Bool) -> Unicode.Scalar {
    let properties = scalar.properties
    if upper {
      // Where the upper case takes several code points, the C library takes the title case.
      return single(properties.uppercaseMapping) ?? single(properties.titlecaseMapping) ?? scalar
    }
    return single(properties.lowercaseMapping) ?? (scalar == "İ" ? "i" : scalar)
  }

  private static func single(_ mapping: String) -> Unicode.Scalar? {
    let scalars = mapping.unicodeScalars
    return scalars.count == 1 ? scalars.first : nil
  }
}
