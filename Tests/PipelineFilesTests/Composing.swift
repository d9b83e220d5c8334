import Diagnostics
import Foundation

@testable import PipelineFiles

/// What a text composes to, or the message that refuses it.
func compose(_ text: String) -> Result<YAMLNode?, Diagnostic> {
  let file = SourceFile(name: "test.yaml", text: text)
  return Result { () throws(Diagnostic) in try YAMLComposer.compose(file) }
}

func root(_ text: String) throws -> YAMLNode? { try compose(text).get() }

func refusal(_ text: String) -> Diagnostic? {
  if case .failure(let diagnostic) = compose(text) { diagnostic } else { nil }
}

/// A node with its place as text: `a@3..<4`, lists in brackets, mappings in braces.
func sketch(_ node: YAMLNode?) -> String {
  guard let node else { return "-" }
  let place = "@\(node.span.range.lowerBound)..<\(node.span.range.upperBound)"
  switch node.kind {
  case .scalar(let snippet, let isQuoted):
    return (isQuoted ? "'\(snippet.text)'" : snippet.text) + place
  case .sequence(let nodes):
    return "[" + nodes.map(sketch).joined(separator: ", ") + "]" + place
  case .mapping(let pairs):
    return "{" + pairs.map { sketch($0.key) + ": " + sketch($0.value) }.joined(separator: ", ")
      + "}" + place
  }
}

/// The value of a key of a mapping.
func value(_ key: String, in node: YAMLNode?) -> YAMLNode? {
  guard case .mapping(let pairs) = node?.kind else { return nil }
  return pairs.first { $0.key.scalar?.text == key }?.value
}

/// Reads a word as the value of a key in a file would be read.
func read<T: Readable>(
  _ type: T.Type, _ yaml: String, parameters: [String: String] = [:],
  environment: [String: String] = [:]
) -> (value: T?, report: Report) {
  let report = Report()
  let reader = Reader(
    report: report,
    parameters: parameters.mapValues { Snippet(file: SourceFile(name: "parameters", text: $0)) },
    environment: environment)
  switch compose("key: " + yaml) {
  case .failure(let diagnostic):
    report.add(diagnostic)
    return (nil, report)
  case .success(let node):
    return (value("key", in: node).flatMap { T.read($0, reader) }, report)
  }
}

/// The messages of a report as they are printed.
func printed(_ report: Report) -> String { TextRenderer().render(report.sorted) }

/// A file of this folder's repository, from its root.
func repositoryFile(_ path: String) throws -> String {
  let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
}
