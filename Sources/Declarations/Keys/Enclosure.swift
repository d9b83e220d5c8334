import Diagnostics

/// A mapping that is being read, for the remedy of a key that stands too deep or not deep enough.
package struct Enclosure {
  /// The keys that it may have.
  package let names: [String]
  /// Where its own keys stand.
  package let keys: [YAMLNode]

  package init(names: [String], keys: [YAMLNode]) {
    self.names = names
    self.keys = keys
  }
}

extension Reader {
  /// The remedy for an unknown key that was meant for another place; nil where it was not.
  package func help(forUnknown pair: (key: YAMLNode, value: YAMLNode)) -> String? {
    helpOutside(pair.key) ?? misplaced(pair.key, pair.value)
  }

  /// The remedy for a key that belongs to a mapping around the one in which it stands; nil where it
  /// belongs to none. The innermost enclosure is the mapping in which it stands.
  private func helpOutside(_ key: YAMLNode) -> String? {
    guard let text = key.scalar?.text,
      let owner = enclosures.dropLast().last(where: { $0.names.contains(text) })
    else { return nil }
    return Self.help(moving: key, beside: owner.keys)
  }

  /// The remedy for a key that belongs beside others.
  package static func help(moving key: YAMLNode, beside others: [YAMLNode]) -> String? {
    guard let text = key.scalar?.keyExcerpt,
      let neighbour = others.first(where: { $0.span != key.span }) ?? others.first,
      let name = neighbour.scalar?.keyExcerpt
    else { return nil }
    let place = "'\(text)' belongs beside '\(name)'"
    let here = key.span.start.column
    let there = neighbour.span.start.column
    guard key.beginsLine, neighbour.beginsLine, here != there else { return place }
    return "\(place): move it \(blanks(here - there))"
  }

  /// `4 blanks to the left`; negative to the right.
  static func blanks(_ count: Int) -> String {
    "\(abs(count)) \(abs(count) == 1 ? "blank" : "blanks") to the \(count > 0 ? "left" : "right")"
  }
}

extension YAMLNode {
  /// Whether nothing but blanks and dashes stands before it in its line.
  var beginsLine: Bool {
    let bytes = span.file.bytes
    var at = span.range.lowerBound
    while at > 0, !bytes[at - 1].isBreak {
      at -= 1
      guard bytes[at].isBlank || bytes[at] == UInt8(ascii: "-") else { return false }
    }
    return true
  }

  /// The keys of a mapping.
  package var keys: [YAMLNode] {
    if case .mapping(let pairs) = kind { pairs.map(\.key) } else { [] }
  }
}
