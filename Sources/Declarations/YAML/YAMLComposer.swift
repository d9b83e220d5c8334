import Diagnostics

/// Builds nodes from libYAML's events. Yams's own `compose` loses end marks, alias sites and all but
/// the first duplicate key, and its messages quote the whole document.
package struct YAMLComposer {
  static let maximumBytes = 4 << 20
  static let maximumDepth = 64
  /// Nodes after aliases are expanded; a pipeline of a thousand stages has fewer.
  static let maximumNodes = 200_000

  private let file: SourceFile
  private let events: [YAMLEvent]
  private var next = 0
  private var anchors: [String: Composed] = [:]
  private var nodeCount = 0

  /// The root node of a file that holds one document; nil for an empty file.
  package static func compose(_ file: SourceFile) throws(Diagnostic) -> YAMLNode? {
    guard file.bytes.count <= maximumBytes else {
      throw Diagnostic(
        .yamlTooLarge, "the file has \(file.bytes.count >> 20) MiB; at most 4 MiB are read",
        at: SourceSpan(file: file, range: 0..<0), help: "split it into several pipelines")
    }
    var composer = try YAMLComposer(file)
    return try composer.document()
  }

  private init(_ file: SourceFile) throws(Diagnostic) {
    self.file = file
    events = try YAMLScanner.events(of: file, atMost: 2 * Self.maximumNodes)
  }

  private struct Composed {
    let node: YAMLNode
    /// How many nodes it expands to, and over how many levels.
    let size: Int
    let height: Int
  }

  private mutating func document() throws(Diagnostic) -> YAMLNode? {
    guard next < events.count else { return nil }
    next += 1
    let root = try node(depth: 0).node
    if next < events.count {
      throw Diagnostic(
        .yamlDocuments, "a second document begins here; a file holds one",
        at: SourceSpan(file: file, range: events[next].range), help: "put it into a file of its own"
      )
    }
    return root
  }

  /// The node that begins at the next event.
  private mutating func node(depth: Int) throws(Diagnostic) -> Composed {
    let event = events[next]
    next += 1
    let span = SourceSpan(file: file, range: event.range)
    try bound(depth + 1, span)
    var size = 1
    var height = 1
    var whole = span
    let kind: YAMLNode.Kind
    switch event.kind {
    case .alias(let name):
      guard let anchor = anchors[name] else {
        throw Diagnostic(
          .yamlSyntax, "no anchor '&\(file.hidesValues ? "…" : name)' stands before this alias",
          at: span,
          help: (file.hidesValues ? nil : Suggestion.help(for: name, in: anchors.keys.sorted()))
            ?? "put the text in quotes if it is meant as text")
      }
      try count(anchor.size, span)
      try bound(depth + anchor.height, span)
      return anchor
    case .scalar(let value, let style):
      let snippet = snippet(value, style, event)
      kind = .scalar(snippet, isQuoted: style != .plain)
      whole = snippet.span
    case .sequenceStart:
      var entries: [YAMLNode] = []
      while !events[next].isEnd {
        let entry = try node(depth: depth + 1)
        entries.append(entry.node)
        size += entry.size
        height = max(height, entry.height + 1)
      }
      kind = .sequence(entries)
    case .mappingStart:
      var pairs: [(key: YAMLNode, value: YAMLNode)] = []
      while !events[next].isEnd {
        let key = try node(depth: depth + 1)
        let value = try node(depth: depth + 1)
        pairs.append((key.node, value.node))
        size += key.size + value.size
        height = max(height, key.height + 1, value.height + 1)
      }
      kind = .mapping(pairs)
    case .documentStart, .sequenceEnd, .mappingEnd:
      preconditionFailure("libYAML balances its events")
    }
    if !event.isScalar {
      whole = SourceSpan(
        file: file,
        range: event.range.lowerBound..<max(event.range.upperBound, events[next].range.upperBound))
      next += 1
    }
    try count(1, span)
    let composed = Composed(
      node: YAMLNode(kind: kind, span: whole), size: size, height: height)
    if let anchor = event.anchor { anchors[anchor] = composed }
    return composed
  }

  private func bound(_ levels: Int, _ span: SourceSpan) throws(Diagnostic) {
    guard levels <= Self.maximumDepth else {
      throw Diagnostic(
        .yamlTooLarge, "the file nests deeper than \(Self.maximumDepth) levels", at: span,
        help: "pipelines need no more than ten levels")
    }
  }

  private mutating func count(_ nodes: Int, _ span: SourceSpan) throws(Diagnostic) {
    nodeCount += nodes
    guard nodeCount <= Self.maximumNodes else {
      throw Diagnostic(
        .yamlTooLarge, "the file expands to more than \(Self.maximumNodes) values", at: span,
        help: "use fewer aliases")
    }
  }

  private func snippet(_ value: String, _ style: ScalarStyle, _ event: YAMLEvent) -> Snippet {
    var range = event.range
    if event.anchor != nil {
      // The mark stands at the anchor; the value begins after it.
      range = afterAnchor(range)..<range.upperBound
    }
    let offsets = ScalarOffsets.offsets(
      of: Array(value.utf8), in: file.bytes, range: range, style: style)
    return Snippet(value, span: SourceSpan(file: file, range: range), offsets: offsets)
  }

  /// Where a value begins whose anchor stands at the start of a range: past blanks, line breaks and
  /// comments.
  private func afterAnchor(_ range: Range<Int>) -> Int {
    let bytes = file.bytes
    var at = range.lowerBound
    while at < range.upperBound, !bytes[at].isBlank, !bytes[at].isBreak { at += 1 }
    while at < range.upperBound {
      if bytes[at] == UInt8(ascii: "#") {
        while at < range.upperBound, !bytes[at].isBreak { at += 1 }
      } else if bytes[at].isBlank || bytes[at].isBreak {
        at += 1
      } else {
        break
      }
    }
    return at
  }
}

extension UInt8 {
  package var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
  package var isBreak: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
