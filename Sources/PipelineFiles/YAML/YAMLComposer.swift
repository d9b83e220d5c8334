import CYaml
import Diagnostics

/// Builds nodes from libYAML's events. Yams's own `compose` loses end marks, alias sites and all but
/// the first duplicate key, and its messages quote the whole document.
struct YAMLComposer {
  static let maximumBytes = 4 << 20
  static let maximumDepth = 64
  /// Nodes after aliases are expanded; a pipeline of a thousand stages has fewer.
  static let maximumNodes = 200_000

  private let file: SourceFile
  /// Byte offset of each Unicode scalar, and of the end; libYAML counts scalars.
  private let scalarOffsets: [Int]
  private var events: [Event] = []
  private var next = 0
  private var anchors: [String: Composed] = [:]
  private var nodeCount = 0

  /// The root node of a file that holds one document; nil for an empty file.
  static func compose(_ file: SourceFile) throws(Diagnostic) -> YAMLNode? {
    guard file.bytes.count <= maximumBytes else {
      throw Diagnostic(
        .yamlTooLarge, "the file has \(file.bytes.count >> 20) MiB; at most 4 MiB are read",
        at: SourceSpan(file: file, range: 0..<0), help: "split it into several pipelines")
    }
    var composer = YAMLComposer(file)
    try composer.scan()
    return try composer.document()
  }

  private init(_ file: SourceFile) {
    self.file = file
    scalarOffsets =
      file.bytes.indices.filter { file.bytes[$0] & 0b1100_0000 != 0b1000_0000 }
      + [file.bytes.count]
  }

  private struct Composed {
    let node: YAMLNode
    /// How many nodes it expands to, and over how many levels.
    let size: Int
    let height: Int
  }

  private struct Event {
    enum Kind {
      case documentStart
      case alias(String)
      case sequenceStart, sequenceEnd, mappingStart, mappingEnd
      case scalar(String, ScalarStyle)
    }
    let kind: Kind
    let anchor: String?
    let range: Range<Int>

    var isScalar: Bool { if case .scalar = kind { true } else { false } }

    var isEnd: Bool {
      switch kind {
      case .sequenceEnd, .mappingEnd: true
      default: false
      }
    }
  }

  private mutating func scan() throws(Diagnostic) {
    // A byte order mark would count as a column.
    let hasMark = file.bytes.starts(with: [0xef, 0xbb, 0xbf])
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw Diagnostic(.yamlSyntax, "out of memory", at: nil)
    }
    defer { yaml_parser_delete(&parser) }
    let skipped = hasMark ? 1 : 0
    let found: Result<[Event], Diagnostic> = file.bytes.withUnsafeBufferPointer { bytes in
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      let text = bytes.dropFirst(hasMark ? 3 : 0)
      guard let start = text.isEmpty ? nil : UnsafeBufferPointer(rebasing: text).baseAddress else {
        return .success([])
      }
      yaml_parser_set_input_string(&parser, start, text.count)
      var events: [Event] = []
      while true {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
          return .failure(syntaxError(parser, skipped: skipped))
        }
        defer { yaml_event_delete(&event) }
        if event.type == YAML_STREAM_END_EVENT { return .success(events) }
        do throws(Diagnostic) {
          if let event = try read(event, skipped: skipped) { events.append(event) }
        } catch { return .failure(error) }
      }
    }
    events = try found.get()
  }

  private func read(_ event: yaml_event_t, skipped: Int) throws(Diagnostic) -> Event? {
    let range =
      offset(
        event.start_mark, skipped)..<max(
        offset(event.start_mark, skipped), offset(event.end_mark, skipped))
    func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
      bytes.map { String(cString: $0) }
    }
    switch event.type {
    case YAML_DOCUMENT_START_EVENT:
      return Event(kind: .documentStart, anchor: nil, range: range)
    case YAML_ALIAS_EVENT:
      let name = text(event.data.alias.anchor) ?? ""
      return Event(kind: .alias(name), anchor: nil, range: range)
    case YAML_SEQUENCE_START_EVENT:
      try refuseTag(event.data.sequence_start.tag != nil, range)
      return Event(
        kind: .sequenceStart, anchor: text(event.data.sequence_start.anchor), range: range)
    case YAML_SEQUENCE_END_EVENT:
      return Event(kind: .sequenceEnd, anchor: nil, range: range)
    case YAML_MAPPING_START_EVENT:
      try refuseTag(event.data.mapping_start.tag != nil, range)
      return Event(
        kind: .mappingStart, anchor: text(event.data.mapping_start.anchor), range: range)
    case YAML_MAPPING_END_EVENT:
      return Event(kind: .mappingEnd, anchor: nil, range: range)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuseTag(scalar.tag != nil, range)
      let value = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: Int(scalar.length)),
        as: UTF8.self)
      return Event(
        kind: .scalar(value, ScalarStyle(scalar.style)), anchor: text(scalar.anchor), range: range)
    default: return nil
    }
  }

  private func refuseTag(_ isTagged: Bool, _ range: Range<Int>) throws(Diagnostic) {
    guard isTagged else { return }
    throw Diagnostic(
      .yamlTag, "a YAML tag ('!…') has no meaning here",
      at: SourceSpan(file: file, range: range), help: "put the text in quotes")
  }

  private func offset(_ mark: yaml_mark_t, _ skipped: Int) -> Int {
    scalarOffsets[min(Int(mark.index) + skipped, scalarOffsets.count - 1)]
  }

  private func syntaxError(_ parser: yaml_parser_t, skipped: Int) -> Diagnostic {
    var at =
      parser.error == YAML_READER_ERROR
      ? min(Int(parser.problem_offset) + (skipped == 0 ? 0 : 3), file.bytes.count)
      : offset(parser.problem_mark, skipped)
    let rest = String(decoding: file.bytes[at..<min(at + 4, file.bytes.count)], as: UTF8.self)
    let error = YAMLSyntaxError(parser, at: rest.first)
    if error.isAtStart { at = offset(parser.context_mark, skipped) }
    return Diagnostic(
      .yamlSyntax, error.message,
      at: SourceSpan(file: file, range: at..<min(at + 1, file.bytes.count)), help: error.help)
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
          .yamlSyntax, "no anchor '&\(name)' stands before this alias", at: span,
          help: Suggestion.help(for: name, in: anchors.keys.sorted())
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

  private func snippet(_ value: String, _ style: ScalarStyle, _ event: Event) -> Snippet {
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

enum ScalarStyle: Sendable {
  case plain, singleQuoted, doubleQuoted, block

  init(_ style: yaml_scalar_style_t) {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: self = .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: self = .block
    default: self = .plain
    }
  }
}

extension UInt8 {
  var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
  var isBreak: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
