/// Finds for each byte of a scalar's value where in the file it came from, by walking the file beside
/// the value. Where the two disagree there is no answer, and messages point at the whole scalar:
/// never at a wrong column.
struct ScalarOffsets {
  private let file: [UInt8]
  private let value: [UInt8]
  private let end: Int
  /// The place in the file.
  private var at: Int
  private var offsets: [Int] = []

  /// File offsets of the bytes of `value` and of its end; nil where the walk disagrees.
  static func offsets(
    of value: [UInt8], in file: [UInt8], range: Range<Int>, style: ScalarStyle
  ) -> [Int]? {
    var walk = ScalarOffsets(file: file, value: value, end: range.upperBound, at: range.lowerBound)
    let agrees =
      switch style {
      case .plain: walk.flow()
      case .singleQuoted, .doubleQuoted: walk.quoted(style)
      case .block: walk.block()
      }
    guard agrees, walk.offsets.count == value.count else { return nil }
    return walk.offsets + [walk.offsets.last.map { $0 + 1 } ?? range.lowerBound]
  }

  private init(file: [UInt8], value: [UInt8], end: Int, at: Int) {
    self.file = file
    self.value = value
    self.end = end
    self.at = at
  }

  private var isDone: Bool { offsets.count == value.count }
  private var wanted: UInt8 { value[offsets.count] }

  private mutating func take(_ byte: UInt8, from offset: Int) -> Bool {
    guard !isDone, wanted == byte else { return false }
    offsets.append(offset)
    return true
  }

  private mutating func quoted(_ style: ScalarStyle) -> Bool {
    at += 1
    return flow(style)
  }

  private mutating func flow(_ style: ScalarStyle = .plain) -> Bool {
    while !isDone {
      guard at < end else { return false }
      let byte = file[at]
      if byte.isBlank || byte.isBreak {
        guard blanks() else { return false }
      } else if style == .doubleQuoted, byte == UInt8(ascii: "\\") {
        guard escape() else { return false }
      } else {
        guard take(byte, from: at) else { return false }
        at += style == .singleQuoted && byte == UInt8(ascii: "'") ? 2 : 1
      }
    }
    return true
  }

  /// Blanks within a line are kept; around a break they vanish, one break is a space, and of several
  /// the first vanishes.
  private mutating func blanks() -> Bool {
    let (breaks, after) = run(from: at)
    if breaks.isEmpty {
      for offset in at..<after { guard take(file[offset], from: offset) else { return false } }
    } else if breaks.count == 1 {
      guard take(UInt8(ascii: " "), from: breaks[0]) else { return false }
    } else {
      for offset in breaks.dropFirst() {
        guard take(UInt8(ascii: "\n"), from: offset) else { return false }
      }
    }
    at = after
    return true
  }

  /// The line breaks in a run of blanks, and the first byte after it.
  private func run(from start: Int) -> (breaks: [Int], after: Int) {
    var breaks: [Int] = []
    var place = start
    while place < end, file[place].isBlank || file[place].isBreak {
      if file[place].isBreak {
        breaks.append(place)
        if file[place] == UInt8(ascii: "\r"), place + 1 < end,
          file[place + 1] == UInt8(ascii: "\n")
        {
          place += 1
        }
      }
      place += 1
    }
    return (breaks, place)
  }

  private mutating func escape() -> Bool {
    guard at + 1 < end else { return false }
    let kind = file[at + 1]
    if kind.isBreak {
      // An escaped break vanishes with the blanks of the next line; further breaks stay.
      let (breaks, after) = run(from: at + 1)
      for offset in breaks.dropFirst() {
        guard take(UInt8(ascii: "\n"), from: offset) else { return false }
      }
      at = after
      return true
    }
    let digits =
      switch kind {
      case UInt8(ascii: "x"): 2
      case UInt8(ascii: "u"): 4
      case UInt8(ascii: "U"): 8
      default: 0
      }
    let length: Int
    if digits > 0 {
      guard at + 2 + digits <= end,
        let code = UInt32(
          String(decoding: file[(at + 2)..<(at + 2 + digits)], as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { return false }
      length = UTF8.width(scalar)
    } else {
      switch kind {
      case UInt8(ascii: "N"), UInt8(ascii: "_"): length = 2
      case UInt8(ascii: "L"), UInt8(ascii: "P"): length = 3
      default: length = 1
      }
    }
    guard offsets.count + length <= value.count else { return false }
    offsets += Array(repeating: at, count: length)
    at += 2 + digits
    return true
  }

  private mutating func block() -> Bool {
    // The header: indicators, perhaps a comment.
    while at < end, !file[at].isBreak { at += 1 }
    skipBreak()
    guard let indent = blockIndent() else { return isDone }
    while !isDone {
      guard at < end else { return false }
      var skipped = 0
      while skipped < indent, at < end, file[at] == UInt8(ascii: " ") {
        at += 1
        skipped += 1
      }
      while !isDone, at < end, !file[at].isBreak {
        guard take(file[at], from: at) else { return false }
        at += 1
      }
      // A break is a line break, a space or nothing: whichever the value has next.
      if !isDone, at < end, wanted == UInt8(ascii: "\n") || wanted == UInt8(ascii: " ") {
        offsets.append(at)
      } else if !isDone, at >= end, wanted == UInt8(ascii: "\n") {
        offsets.append(max(at - 1, 0))
      }
      skipBreak()
    }
    return true
  }

  private mutating func skipBreak() {
    guard at < end else { return }
    if file[at] == UInt8(ascii: "\r"), at + 1 < end, file[at + 1] == UInt8(ascii: "\n") { at += 1 }
    at += 1
  }

  /// How far the block is indented: leading blanks in the file less those in the value, on the first
  /// line with content.
  private func blockIndent() -> Int? {
    guard let content = value.firstIndex(where: { !$0.isBreak }) else { return nil }
    let inValue = value[content...].prefix { $0 == UInt8(ascii: " ") }.count
    var line = at
    while line < end {
      let leading = file[line..<end].prefix { $0 == UInt8(ascii: " ") }.count
      let first = line + leading
      if first < end, !file[first].isBreak { return max(0, leading - inValue) }
      line = first + 1
    }
    return nil
  }
}
