/// Where the groups of a match lie, after the rules of Postgres for patterns without quantifiers that
/// take as little as possible: of a sequence each part takes as much as the rest allows, of a choice
/// the first branch that fits.
indirect enum RegexGroups: Sendable {
  /// A part of a sequence and, read from its end, what follows it.
  struct Part: Sendable {
    let program: RegexProgram
    let rest: RegexProgram
    let inner: RegexGroups
  }

  struct Branch: Sendable {
    let program: RegexProgram
    let inner: RegexGroups
  }

  /// There are none inside, or only such as repeat.
  case none
  case group(Int, RegexGroups)
  case sequence([Part])
  case choice([Branch])

  init(_ node: RegexNode, ignoresCase: Bool) throws(RegexMistake) {
    switch node {
    case .empty, .character, .assertion: self = .none
    case .group(let number, let inner):
      self = .group(number, try RegexGroups(inner, ignoresCase: ignoresCase))
    case .repetition(let inner, _, maximum: 1):
      self = try RegexGroups(inner, ignoresCase: ignoresCase)
    case .repetition: self = .none
    case .choice(let branches):
      guard node.hasGroups else {
        self = .none
        return
      }
      var choices: [Branch] = []
      for branch in branches {
        choices.append(
          Branch(
            program: try RegexProgram(branch, ignoresCase: ignoresCase),
            inner: try RegexGroups(branch, ignoresCase: ignoresCase)))
      }
      self = .choice(choices)
    case .sequence(let nodes):
      guard node.hasGroups else {
        self = .none
        return
      }
      let merged = Self.merged(nodes)
      var parts: [Part] = []
      for (place, part) in merged.enumerated() {
        parts.append(
          Part(
            program: try RegexProgram(part, ignoresCase: ignoresCase),
            rest: try RegexProgram(
              .sequence(Array(merged[(place + 1)...])), ignoresCase: ignoresCase, isReversed: true),
            inner: try RegexGroups(part, ignoresCase: ignoresCase)))
      }
      self = .sequence(parts)
    }
  }

  /// Neighbours without groups become one part: together they take as much as they can.
  private static func merged(_ nodes: [RegexNode]) -> [RegexNode] {
    var parts: [RegexNode] = []
    var plain: [RegexNode] = []
    for node in nodes {
      if node.hasGroups {
        if !plain.isEmpty { parts.append(.sequence(plain)) }
        plain = []
        parts.append(node)
      } else {
        plain.append(node)
      }
    }
    return plain.isEmpty ? parts : parts + [.sequence(plain)]
  }

  /// Adds the places of the groups inside of a range that the whole matches.
  func locate(in text: RegexText, _ range: Range<Int>, into groups: inout [Int: Range<Int>]) {
    switch self {
    case .none: break
    case .group(let number, let inner):
      groups[number] = range
      inner.locate(in: text, range, into: &groups)
    case .choice(let branches):
      let chosen = branches.first {
        text.ends($0.program, from: range.lowerBound, limit: range.upperBound).last ?? false
      }
      chosen?.inner.locate(in: text, range, into: &groups)
    case .sequence(let parts):
      var start = range.lowerBound
      for (place, part) in parts.enumerated() {
        var end = range.upperBound
        if place < parts.count - 1 {
          let ends = text.ends(part.program, from: start, limit: range.upperBound)
          let starts = text.ends(part.rest, from: range.upperBound, limit: start)
          end = (start...end).last { ends[$0 - start] && starts[range.upperBound - $0] } ?? end
        }
        part.inner.locate(in: text, start..<end, into: &groups)
        start = end
      }
    }
  }
}

extension RegexNode {
  var hasGroups: Bool {
    switch self {
    case .empty, .character, .assertion: false
    case .group: true
    case .repetition(let inner, _, _): inner.hasGroups
    case .sequence(let nodes), .choice(let nodes): nodes.contains(where: \.hasGroups)
    }
  }

  /// The groups that stand in something that repeats.
  var repeatedGroups: Set<Int> { groups(isRepeated: false) }

  private func groups(isRepeated: Bool) -> Set<Int> {
    switch self {
    case .empty, .character, .assertion: []
    case .group(let number, let inner):
      inner.groups(isRepeated: isRepeated).union(isRepeated ? [number] : [])
    case .repetition(let inner, _, let maximum):
      inner.groups(isRepeated: isRepeated || maximum != 1)
    case .sequence(let nodes), .choice(let nodes):
      nodes.reduce(into: []) { $0.formUnion($1.groups(isRepeated: isRepeated)) }
    }
  }
}
