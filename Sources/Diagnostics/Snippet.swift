/// A value read from a file, such as an expression in a YAML scalar, that knows for each of its bytes
/// where in the file it came from, so that a message about a part of it points into the file.
public struct Snippet: Sendable, Hashable {
  /// The value after unquoting, unfolding and the expansion of parameters.
  public let text: String
  /// Where the whole value stands in the file.
  public let span: SourceSpan
  /// File offset of each UTF-8 byte of `text`, and one more for its end; empty when the value stands
  /// in the file byte for byte.
  private let offsets: [Int]

  /// A value that stands in the file byte for byte.
  public init(verbatim span: SourceSpan) {
    text = span.text
    self.span = span
    offsets = []
  }

  /// A value whose bytes stand at `offsets`, which has one entry for each UTF-8 byte of `text` and
  /// one for its end. Without offsets, every part of the value points at the whole span.
  public init(_ text: String, span: SourceSpan, offsets: [Int]? = nil) {
    self.text = text
    self.span = span
    self.offsets =
      offsets ?? Array(repeating: span.range.lowerBound, count: text.utf8.count)
      + [span.range.upperBound]
    assert(self.offsets.count == text.utf8.count + 1)
  }

  /// A snippet that is a file of its own: for SQL files, and for tests.
  public init(file: SourceFile) { self.init(verbatim: file.whole) }

  /// The value as messages quote it: on one line, not all of a long one, and nothing of a file whose
  /// values may be secrets.
  public var excerpt: String { span.file.hidesValues ? "…" : quoted }

  /// The same for a key, or another name that stands for itself.
  public var keyExcerpt: String {
    span.file.hidesValues && !HiddenLine.isName(text[...]) ? "…" : quoted
  }

  private var quoted: String {
    var scalars = text.unicodeScalars.prefix(Self.longestExcerpt + 1)
      .map { $0.properties.generalCategory == .control ? " " : $0 }
    if scalars.count > Self.longestExcerpt { scalars = scalars.dropLast() + ["…"] }
    return String(String.UnicodeScalarView(scalars))
  }

  private static let longestExcerpt = 60

  /// The part of the value in a range of UTF-8 offsets in `text`.
  public func part(_ range: Range<Int>) -> Snippet {
    let bytes = Array(text.utf8)[range]
    let place = span(of: range)
    return Snippet(
      String(decoding: bytes, as: UTF8.self), span: place,
      offsets: range.map { span(of: $0..<$0).range.lowerBound } + [place.range.upperBound])
  }

  /// The place in the file of a range of UTF-8 offsets in `text`.
  public func span(of range: Range<Int>) -> SourceSpan {
    guard !offsets.isEmpty else {
      let start = span.range.lowerBound
      return SourceSpan(
        file: span.file, range: (start + range.lowerBound)..<(start + range.upperBound))
    }
    let last = offsets.count - 1
    let start = offsets[min(range.lowerBound, last)]
    // The end is where the last byte stands, not where the next one does: between the two the file
    // may have a line break and indentation.
    let count = min(range.upperBound, last)
    let end = range.isEmpty || count == 0 ? start : offsets[count - 1] + 1
    return SourceSpan(file: span.file, range: start..<max(start, end))
  }

  public static func == (a: Self, b: Self) -> Bool { a.text == b.text && a.span == b.span }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(text)
    hasher.combine(span)
  }
}
