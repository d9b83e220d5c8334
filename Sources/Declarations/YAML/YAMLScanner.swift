import CYaml
import Diagnostics

/// What libYAML found at one place of a file: the start or end of a node, or a whole scalar.
struct YAMLEvent {
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

/// Reads a file with libYAML, and gives each event its byte range.
struct YAMLScanner {
  private let file: SourceFile
  /// Byte offset of each Unicode scalar, and of the end; libYAML counts scalars.
  private let scalarOffsets: [Int]

  /// The events of a file up to its end.
  static func events(of file: SourceFile, atMost limit: Int) throws(Diagnostic) -> [YAMLEvent] {
    try YAMLScanner(file).scan(atMost: limit)
  }

  private init(_ file: SourceFile) {
    self.file = file
    scalarOffsets =
      file.bytes.indices.filter { file.bytes[$0] & 0b1100_0000 != 0b1000_0000 }
      + [file.bytes.count]
  }

  private func scan(atMost limit: Int) throws(Diagnostic) -> [YAMLEvent] {
    // A byte order mark would count as a column.
    let hasMark = file.bytes.starts(with: [0xef, 0xbb, 0xbf])
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw Diagnostic(.yamlSyntax, "out of memory", at: nil)
    }
    defer { yaml_parser_delete(&parser) }
    let skipped = hasMark ? 1 : 0
    let found: Result<[YAMLEvent], Diagnostic> = file.bytes.withUnsafeBufferPointer { bytes in
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      let text = bytes.dropFirst(hasMark ? 3 : 0)
      guard let start = text.isEmpty ? nil : UnsafeBufferPointer(rebasing: text).baseAddress else {
        return .success([])
      }
      yaml_parser_set_input_string(&parser, start, text.count)
      var events: [YAMLEvent] = []
      while true {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
          return .failure(syntaxError(parser, after: events.last, skipped: skipped))
        }
        defer { yaml_event_delete(&event) }
        if event.type == YAML_STREAM_END_EVENT { return .success(events) }
        do throws(Diagnostic) {
          if let event = try read(event, skipped: skipped) { events.append(event) }
        } catch { return .failure(error) }
        if events.count > limit { return .failure(tooLarge(events.last?.range ?? 0..<0)) }
      }
    }
    return try found.get()
  }

  private func read(_ event: yaml_event_t, skipped: Int) throws(Diagnostic) -> YAMLEvent? {
    let range =
      offset(
        event.start_mark, skipped)..<max(
        offset(event.start_mark, skipped), offset(event.end_mark, skipped))
    func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
      bytes.map { String(cString: $0) }
    }
    switch event.type {
    case YAML_DOCUMENT_START_EVENT:
      return YAMLEvent(kind: .documentStart, anchor: nil, range: range)
    case YAML_ALIAS_EVENT:
      let name = text(event.data.alias.anchor) ?? ""
      return YAMLEvent(kind: .alias(name), anchor: nil, range: range)
    case YAML_SEQUENCE_START_EVENT:
      try refuseTag(event.data.sequence_start.tag != nil, range)
      return YAMLEvent(
        kind: .sequenceStart, anchor: text(event.data.sequence_start.anchor), range: range)
    case YAML_SEQUENCE_END_EVENT:
      return YAMLEvent(kind: .sequenceEnd, anchor: nil, range: range)
    case YAML_MAPPING_START_EVENT:
      try refuseTag(event.data.mapping_start.tag != nil, range)
      return YAMLEvent(
        kind: .mappingStart, anchor: text(event.data.mapping_start.anchor), range: range)
    case YAML_MAPPING_END_EVENT:
      return YAMLEvent(kind: .mappingEnd, anchor: nil, range: range)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuseTag(scalar.tag != nil, range)
      let value = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: Int(scalar.length)),
        as: UTF8.self)
      return YAMLEvent(
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

  private func syntaxError(
    _ parser: yaml_parser_t, after last: YAMLEvent?, skipped: Int
  ) -> Diagnostic {
    let isUnreadable = parser.error == YAML_READER_ERROR
    let place = YAMLSyntaxError.Place(
      file: file,
      offset: isUnreadable
        ? min(Int(parser.problem_offset) + (skipped == 0 ? 0 : 3), file.bytes.count)
        : offset(parser.problem_mark, skipped),
      start: isUnreadable ? 0 : offset(parser.context_mark, skipped), last: last)
    let error = YAMLSyntaxError(
      problem: parser.problem.map { String(cString: $0) } ?? "the YAML cannot be read",
      context: parser.context.map { String(cString: $0) } ?? "", at: place)
    return Diagnostic(
      .yamlSyntax, error.message,
      at: SourceSpan(file: file, range: error.offset..<min(error.offset + 1, file.bytes.count)),
      help: error.help)
  }

  private func tooLarge(_ range: Range<Int>) -> Diagnostic {
    Diagnostic(
      .yamlTooLarge, "the file holds more values than a pipeline needs",
      at: SourceSpan(file: file, range: range), help: "split it into several pipelines")
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
