import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// A statement as a run sends it when it is published; it can be kept until then.
struct SentStatement: Sendable {
  let text: String
  /// What it does, in capitals: `INSERT`.
  let verb: String
  /// The line of its file in which it begins.
  let line: Int
  let countsRows: Bool
  let changesRows: Bool
  /// `sql/revenue.sql:3:1`
  private let head: String
  /// The statement with the places of its parts; nil of one that was kept.
  private let snippet: Snippet?

  init(_ statement: ScriptStatement, run: Int) {
    let sent = statement.sent(by: run)
    text = sent.text
    verb = statement.verb.uppercased()
    line = statement.line
    countsRows = statement.isTypedWhenPrepared
    changesRows = statement.changesRows
    head = sent.head.placeText
    snippet = sent.snippet
  }

  init?(_ json: JSONValue) {
    guard let text = json["text"]?.string, let verb = json["verb"]?.string,
      case .integer(let line)? = json["line"], let head = json["place"]?.string
    else { return nil }
    self.text = text
    self.verb = verb
    self.line = line
    self.head = head
    countsRows = json["counts_rows"] == true
    changesRows = json["changes_rows"] == true
    snippet = nil
  }

  var json: JSONValue {
    .object([
      "text": .string(text), "verb": .string(verb), "line": .integer(line), "place": .string(head),
      "counts_rows": .bool(countsRows), "changes_rows": .bool(changesRows),
    ])
  }

  /// Where an error lies: as exactly as is still known.
  func place(of error: PostgresError) -> String {
    guard let snippet, let position = error.position else { return head }
    return snippet.span(ofErrorAt: position).placeText
  }
}

/// A table that is made at publication where it is not there; it can be kept until then.
struct ScriptTable: Sendable {
  let name: QualifiedName
  /// The statement that makes it.
  let definition: String
  let about: String
  /// Where it is named.
  let place: String

  init(_ table: CreatedTable) throws {
    name = table.name
    definition = try table.definition
    about = table.about
    place = table.span.placeText
  }

  init?(_ json: JSONValue) {
    guard let table = json["table"]?.string, let definition = json["definition"]?.string,
      let about = json["about"]?.string, let place = json["place"]?.string
    else { return nil }
    name = QualifiedName(schema: json["schema"]?.string, name: table)
    self.definition = definition
    self.about = about
    self.place = place
  }

  var json: JSONValue {
    .object([
      "schema": name.schema.map { .string($0) } ?? .null, "table": .string(name.name),
      "definition": .string(definition), "about": .string(about), "place": .string(place),
    ])
  }
}

extension SourceSpan {
  /// Where it begins, as messages say it: `sql/revenue.sql:3:8`.
  var placeText: String { "\(file.name):\(start.line):\(start.column)" }
}
