/// A pattern of `like`: `%` is any text, `_` any character, the escape takes the next one literally.
struct LikePattern {
  private enum Part: Equatable {
    case anyText
    case anyCharacter
    case character(Unicode.Scalar)
  }

  private var parts: [Part] = []

  /// Nil if the pattern ends in an escape.
  init?(_ pattern: ArraySlice<UInt8>, escape: Unicode.Scalar?, ignoresCase: Bool) {
    func character(_ scalar: Unicode.Scalar) -> Part {
      .character(ignoresCase ? CaseMapping.map(scalar, upper: false) : scalar)
    }
    var scalars = String(decoding: pattern, as: UTF8.self).unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      switch scalar {
      case escape:
        guard let next = scalars.next() else { return nil }
        parts.append(character(next))
      case "%": if parts.last != .anyText { parts.append(.anyText) }
      case "_": parts.append(.anyCharacter)
      default: parts.append(character(scalar))
      }
    }
  }

  /// Going back to the last `%` is enough: an earlier one could not match more.
  func matches(_ text: ArraySlice<UInt8>) -> Bool {
    let characters = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
    var (place, part) = (0, 0)
    var retry: (place: Int, part: Int)?
    while place < characters.count {
      if part < parts.count, parts[part] == .anyText {
        retry = (place, part)
        part += 1
      } else if part < parts.count,
        parts[part] == .anyCharacter || parts[part] == .character(characters[place])
      {
        place += 1
        part += 1
      } else if let last = retry {
        retry = (last.place + 1, last.part)
        (place, part) = (last.place + 1, last.part + 1)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == .anyText }
  }
}
