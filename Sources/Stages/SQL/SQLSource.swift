import Diagnostics
import Frames
import PipelineFiles

/// A file with SQL, or the SQL itself: one word is a path, as is what ends in `.sql`.
struct SQLSource: Readable {
  private enum Source {
    case file(FilePath)
    case text(Snippet)
  }

  private let source: Source

  static let shape = Shape.word(
    WordShape(
      name: "a file with SQL, or the SQL itself", example: "sql/warehouse/daily_revenue.sql"))
  static var blank: Self { Self(source: .file(.blank)) }

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    guard let snippet = node.scalar, !node.isNull, isSQL(snippet.text) else {
      return FilePath.read(node, reader).map { Self(source: .file($0)) }
    }
    // As it stands: in SQL a parameter is :name, which comes in as a value and never as code.
    return Self(source: .text(snippet))
  }

  private static func isSQL(_ text: String) -> Bool {
    let text = text.drop(while: \.isWhitespace)
    if text.hasSuffix(".sql"), !text.contains(where: \.isNewline) { return false }
    return text.contains { $0.isWhitespace || $0 == ";" }
  }

  /// The path, where it is one.
  var path: String? { if case .file(let path) = source { path.text } else { nil } }

  /// The statements; nil, with a message, where there are none or they cannot be read.
  func script(_ context: PlanContext) -> SQLScript? {
    switch source {
    case .text(let snippet): return script(snippet, what: "'run'", at: snippet.span, context)
    case .file(let path):
      do throws(Diagnostic) {
        let file = try Files.read(Paths.join(context.project.root, path.text), usedAt: path.span)
        return script(Snippet(file: file), what: file.name, at: path.span, context)
      } catch {
        context.report.add(error)
        return nil
      }
    }
  }

  private func script(
    _ snippet: Snippet, what: String, at place: SourceSpan, _ context: PlanContext
  ) -> SQLScript? {
    let script = SQLScript(snippet)
    guard script.isEmpty else { return script }
    context.report.error(
      .unreadableFile, "\(what) holds no statement", at: place,
      help: "write SQL, several statements separated by ;")
    return nil
  }
}
