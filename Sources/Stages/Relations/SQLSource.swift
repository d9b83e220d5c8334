import Diagnostics
import Frames
import PipelineFiles

/// A file with SQL, or the SQL itself: one word is a path, as is what ends in `.sql`.
struct SQLSource: Word {
  private enum Source {
    case file(FilePath)
    case text(Snippet)
  }

  static let word = WordShape(
    name: "a file with SQL, or the SQL itself", example: "sql/shop/orders.sql")

  private let source: Source

  init(parsing snippet: Snippet) throws {
    source =
      Self.isSQL(snippet.text) ? .text(snippet) : .file(try FilePath(parsing: snippet))
  }

  /// In SQL a parameter is :name, which comes in as a value and never as code.
  static func expands(_ text: String) -> Bool { !isSQL(text) }

  private static func isSQL(_ text: String) -> Bool {
    let text = text.drop(while: \.isWhitespace)
    if text.hasSuffix(".sql"), !text.contains(where: \.isNewline) { return false }
    return text.contains { $0.isWhitespace || $0 == ";" }
  }

  /// The path, where it is one.
  var path: String? { if case .file(let path) = source { path.text } else { nil } }

  /// Where it stands in the pipeline.
  var span: SourceSpan {
    switch source {
    case .file(let path): path.span
    case .text(let snippet): snippet.span
    }
  }

  /// The SQL, which knows its place in its file; nil, with a message, where there is none.
  /// - Parameter help: what to write where there is no statement.
  func text(_ context: PlanContext, help: String) -> Snippet? {
    do throws(Diagnostic) {
      let (text, name) = try read(in: context.project)
      guard SQLStatement(text).isEmpty else { return text }
      context.report.error(
        .unreadableFile, "\(name) holds no statement", at: span, help: help)
    } catch {
      context.report.add(error)
    }
    return nil
  }

  private func read(in project: Project) throws(Diagnostic) -> (Snippet, name: String) {
    switch source {
    case .text(let snippet): return (snippet, "the text")
    case .file(let path):
      let file = try Files.read(Paths.join(project.root, path.text), usedAt: path.span)
      return (Snippet(file: file), file.name)
    }
  }
}
