import Diagnostics
import PipelineFiles

/// A value of a row as it was written; Postgres reads it as its column's type.
struct Cell: Readable, Sendable {
  /// Nil is null.
  let text: String?
  let span: SourceSpan

  static let shape = Shape.word(
    WordShape(name: "a value", example: "12.50", scalars: YAMLScalar.allAndNull))
  static var blank: Self {
    Self(text: nil, span: SourceFile(name: "", text: "").whole)
  }

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    guard let snippet = node.scalar else {
      reader.report.error(
        .wrongShape, "expected one value", at: node.head,
        help: "write what Postgres can read as the column's type, in quotes")
      return nil
    }
    return Self(text: node.isNull ? nil : snippet.text, span: node.span)
  }
}

/// Rows as they stand in a YAML file: columns with values.
typealias InlineRows = [Entries<Cell>]

/// Rows of a test, wherever they were written.
struct RowSet: Sendable {
  struct Column: Sendable {
    let name: String
    let span: SourceSpan
  }

  /// In the order in which they are first seen.
  private(set) var columns: [Column] = []
  private(set) var rows: [[String: Cell]] = []

  init(_ written: InlineRows) {
    var known: Set<String> = []
    for row in written {
      for entry in row.entries where known.insert(entry.name.text).inserted {
        columns.append(Column(name: entry.name.text, span: entry.name.span))
      }
      rows.append(
        Dictionary(
          row.entries.map { ($0.name.text, $0.value) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  /// Rows of a CSV file with a header.
  init(csv file: SourceFile) throws(Diagnostic) {
    let lines = try CSVReader(file).lines()
    guard let header = lines.first else {
      throw Diagnostic(
        .wrongShape, "the file is empty", at: SourceSpan(file: file, range: 0..<0),
        help: "begin it with the names of the columns")
    }
    for cell in header {
      guard let name = cell.text, !columns.contains(where: { $0.name == name }) else {
        throw Diagnostic(
          .duplicateKey,
          cell.text.map { "the column '\($0)' stands here twice" } ?? "a column has no name",
          at: cell.span, help: "give each column a name of its own")
      }
      columns.append(Column(name: name, span: cell.span))
    }
    for line in lines.dropFirst() {
      guard line.count == columns.count else {
        throw Diagnostic(
          .wrongShape, "the line has \(line.count) fields; the header has \(columns.count)",
          at: line.first?.span, help: "put fields that hold commas in quotes")
      }
      rows.append(
        Dictionary(
          zip(columns.map(\.name), line), uniquingKeysWith: { first, _ in first }))
    }
  }

  /// Where a row begins: at its first value; nil for a row without values.
  static func start(of row: [String: Cell]) -> SourceSpan? {
    row.values.map(\.span).min { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Whether a column is null, or left out, in some row.
  func hasNull(in column: String) -> Bool { rows.contains { $0[column]?.text == nil } }
}
