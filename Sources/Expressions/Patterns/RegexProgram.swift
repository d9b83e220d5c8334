/// A regular expression as a machine of states, run over all of them at once (Thompson 1968): the
/// time is bounded by the length of the text times the number of states.
struct RegexProgram: Sendable {
  enum Step: Sendable {
    case character(Members)
    case assertion(RegexAssertion)
    /// Goes on at both.
    case split(Int, Int)
    case jump(Int)
    case accept
  }

  /// A set of characters with its ASCII members as bits.
  struct Members: Sendable {
    private var ascii: (low: UInt64, high: UInt64) = (0, 0)
    private let set: RegexSet

    init(_ set: RegexSet) {
      self.set = set
      for value in 0..<UInt8(128) where set.contains(Unicode.Scalar(value)) {
        if value < 64 { ascii.low |= 1 << value } else { ascii.high |= 1 << (value - 64) }
      }
    }

    @inline(__always) func contains(_ scalar: Unicode.Scalar) -> Bool {
      let value = scalar.value
      if value < 64 { return ascii.low >> value & 1 == 1 }
      return value < 128 ? ascii.high >> (value - 64) & 1 == 1 : set.contains(scalar)
    }
  }

  /// How many states a pattern may need, counts in braces written out.
  static let maximumSteps = 5000

  private(set) var steps: [Step] = []
  let ignoresCase: Bool
  /// Whether it reads the text from right to left.
  let isReversed: Bool

  init(_ node: RegexNode, ignoresCase: Bool, isReversed: Bool = false) throws(RegexMistake) {
    self.ignoresCase = ignoresCase
    self.isReversed = isReversed
    try emit(node)
    try append(.accept)
  }

  private mutating func append(_ step: Step) throws(RegexMistake) {
    if steps.count >= Self.maximumSteps {
      throw RegexMistake(
        message: "the pattern is too large", help: "the counts in its braces multiply")
    }
    steps.append(step)
  }

  private mutating func emit(_ node: RegexNode) throws(RegexMistake) {
    switch node {
    case .empty: break
    case .character(let set):
      try append(.character(Members(ignoresCase ? set.ignoringCase() : set)))
    case .assertion(let assertion): try append(.assertion(assertion))
    case .sequence(let parts):
      for part in isReversed ? parts.reversed() : parts { try emit(part) }
    case .group(_, let inner): try emit(inner)
    case .choice(let branches): try emit(branches[...])
    case .repetition(let inner, let minimum, let maximum):
      for _ in 0..<minimum { try emit(inner) }
      guard let maximum else {
        let start = steps.count
        try append(.jump(start))
        try emit(inner)
        try append(.jump(start))
        steps[start] = .split(start + 1, steps.count)
        return
      }
      var exits: [Int] = []
      for _ in minimum..<maximum {
        exits.append(steps.count)
        try append(.jump(0))
        try emit(inner)
      }
      for exit in exits { steps[exit] = .split(exit + 1, steps.count) }
    }
  }

  private mutating func emit(_ branches: ArraySlice<RegexNode>) throws(RegexMistake) {
    guard let first = branches.first else { return }
    if branches.count == 1 { return try emit(first) }
    let start = steps.count
    try append(.jump(0))
    try emit(first)
    let end = steps.count
    try append(.jump(0))
    steps[start] = .split(start + 1, steps.count)
    try emit(branches.dropFirst())
    steps[end] = .jump(steps.count)
  }
}

/// One text that programs are run over.
struct RegexText {
  let scalars: [Unicode.Scalar]

  init(_ utf8: ArraySlice<UInt8>) {
    scalars = Array(String(decoding: utf8, as: UTF8.self).unicodeScalars)
  }

  private func isWord(_ place: Int) -> Bool {
    scalars.indices.contains(place) && RegexSet.CharacterClass.isWord(scalars[place])
  }

  private func holds(_ assertion: RegexAssertion, _ place: Int) -> Bool {
    switch assertion {
    case .start: place == 0
    case .end: place == scalars.count
    case .wordStart: !isWord(place - 1) && isWord(place)
    case .wordEnd: isWord(place - 1) && !isWord(place)
    case .wordBoundary: isWord(place - 1) != isWord(place)
    case .noWordBoundary: isWord(place - 1) == isWord(place)
    }
  }

  /// States with where their matches began, those that began earlier first.
  private struct Threads {
    var list: [(state: Int, start: Int)] = []
    private var mark: [Int]
    private var stack: [Int] = []

    init(_ program: RegexProgram) { mark = Array(repeating: -1, count: program.steps.count) }

    /// Adds a state and what follows from it without a character; tells whether it accepts.
    mutating func add(
      _ state: Int, _ start: Int, _ program: RegexProgram, _ text: RegexText, _ place: Int
    ) -> Bool {
      var accepts = false
      stack.append(state)
      while let state = stack.popLast() {
        guard mark[state] != place else { continue }
        mark[state] = place
        switch program.steps[state] {
        case .jump(let next): stack.append(next)
        case .split(let first, let second): stack += [second, first]
        case .assertion(let assertion):
          if text.holds(assertion, place) { stack.append(state + 1) }
        case .character: list.append((state, start))
        case .accept: accepts = true
        }
      }
      return accepts
    }
  }

  /// The leftmost match that begins at `from` or later, the longest of those that begin there.
  func search(_ program: RegexProgram, from: Int, anyWillDo: Bool = false) -> Range<Int>? {
    var current = Threads(program)
    var next = current
    var best: Range<Int>?
    for place in from...scalars.count {
      func accepted(_ start: Int) {
        if best.map({ start <= $0.lowerBound }) ?? true { best = start..<place }
      }
      if best == nil, current.add(0, place, program, self, place) { accepted(place) }
      if let best, anyWillDo || current.list.isEmpty { return best }
      guard place < scalars.count else { break }
      next.list.removeAll(keepingCapacity: true)
      for (state, start) in current.list {
        if let best, start > best.lowerBound { break }
        guard case .character(let members) = program.steps[state],
          members.contains(scalars[place])
        else { continue }
        if next.add(state + 1, start, program, self, place + 1) {
          if best.map({ start <= $0.lowerBound }) ?? true { best = start..<place + 1 }
        }
      }
      swap(&current, &next)
    }
    return best
  }

  /// The places up to `limit` where a match that begins at `from` can end, as offsets from `from`; a
  /// reversed program runs to the left, so that its limit is below.
  func ends(_ program: RegexProgram, from: Int, limit: Int) -> [Bool] {
    let step = program.isReversed ? -1 : 1
    var reached = [Bool](repeating: false, count: abs(limit - from) + 1)
    var current = Threads(program)
    var next = current
    reached[0] = current.add(0, from, program, self, from)
    var place = from
    while place != limit, !current.list.isEmpty {
      let scalar = scalars[program.isReversed ? place - 1 : place]
      place += step
      next.list.removeAll(keepingCapacity: true)
      for (state, start) in current.list {
        guard case .character(let members) = program.steps[state], members.contains(scalar) else {
          continue
        }
        if next.add(state + 1, start, program, self, place) { reached[abs(place - from)] = true }
      }
      swap(&current, &next)
    }
    return reached
  }
}
