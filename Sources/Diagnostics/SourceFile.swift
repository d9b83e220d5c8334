/// A file that a person wrote, kept whole so that messages can quote it.
///
/// Offsets are UTF-8 byte offsets from the start of `text`; lines and columns count from 1, columns
/// in Unicode scalars.
public final class SourceFile: Sendable {
  /// The name shown in messages, as the user would type it.
  public let name: String
  public let text: String
  /// The UTF-8 bytes of `text`.
  public let bytes: [UInt8]
  /// Whether messages quote keys of it only: its values may be secrets.
  public let hidesValues: Bool
  /// Where the text begins: after the byte order mark, if there is one.
  private let start: Int
  private let lineStarts: [Int]

  public init(name: String, text: String, hidesValues: Bool = false) {
    self.name = name
    self.text = text
    self.hidesValues = hidesValues
    let bytes = Array(text.utf8)
    self.bytes = bytes
    start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    lineStarts = [start] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
  }

  /// The same file, of which messages quote keys only.
  public var hidingValues: SourceFile {
    hidesValues ? self : SourceFile(name: name, text: text, hidesValues: true)
  }

  /// The line and column of a byte offset; an offset past the end is taken as the end.
  public func position(of offset: Int) -> SourcePosition {
    let offset = min(max(offset, start), bytes.count)
    let line = lineIndex(of: offset)
    return SourcePosition(
      line: line + 1, column: scalars(in: lineStarts[line]..<offset) + 1)
  }

  /// The whole file as a place, without its byte order mark.
  public var whole: SourceSpan { SourceSpan(file: self, range: start..<bytes.count) }

  func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The byte range of a line without its line break.
  func lineRange(_ index: Int) -> Range<Int> {
    let start = lineStarts[index]
    var end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<max(start, end)
  }

  func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// How many Unicode scalars begin in a byte range.
  func scalars(in range: Range<Int>) -> Int {
    bytes[range].reduce(0) { $0 + ($1 & 0b1100_0000 == 0b1000_0000 ? 0 : 1) }
  }
}

/// A place in a file as people count: both from 1.
public struct SourcePosition: Sendable, Hashable {
  public let line: Int
  public let column: Int
}

/// A range of bytes in a file.
public struct SourceSpan: Sendable, Hashable {
  public let file: SourceFile
  public let range: Range<Int>

  public init(file: SourceFile, range: Range<Int>) {
    self.file = file
    self.range = range
  }

  public var start: SourcePosition { file.position(of: range.lowerBound) }

  /// The position behind the last character.
  public var end: SourcePosition { file.position(of: range.upperBound) }

  /// The text that the span covers.
  public var text: String { file.string(range.clamped(to: 0..<file.bytes.count)) }

  /// A file that was read twice is the same place.
  public static func == (a: Self, b: Self) -> Bool {
    a.range == b.range
      && (a.file === b.file || (a.file.name == b.file.name && a.file.bytes == b.file.bytes))
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(file.name)
    hasher.combine(range)
  }
}
