import Diagnostics
import Frames
import Inspection
import PipelineFiles

/// Rows for a program.
enum PreviewData {
  /// Stands for personal data.
  static let mask = "•••"

  // MARK: CSV

  /// Lines as Postgres's COPY writes and reads them (`FORMAT csv, HEADER`): null is nothing at all, an
  /// empty text is in quotes.
  static func csv(_ rows: PreviewRows) -> String {
    let header = rows.fields.map { quoted($0.name) }
    let lines = rows.rows.map { row in
      row.map { cell in
        switch cell {
        case .null: ""
        case .masked: mask
        case .value(let text): quoted(text)
        }
      }
    }
    return ([header] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private static func quoted(_ text: String) -> String {
    let special = text.unicodeScalars.contains {
      $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r"
    }
    // A line with this alone ends the data for older readers of COPY.
    guard special || text.isEmpty || text == "\\." else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  // MARK: JSON

  /// A list with one object for each row, its keys in the order of the columns. Values are as
  /// Postgres's `to_jsonb` makes them: numbers with all their digits, times in ISO 8601.
  static func json(_ rows: PreviewRows) -> String {
    let keys = rows.fields.map { JSONText.string($0.name) }
    let objects = rows.rows.map { row in
      let members = row.indices.map { place in
        "\(keys[place]): \(json(row[place], rows.fields[place].type))"
      }
      return "{" + members.joined(separator: ", ") + "}"
    }
    guard !objects.isEmpty else { return "[]\n" }
    return "[\n  " + objects.joined(separator: ",\n  ") + "\n]\n"
  }

  private static func json(_ cell: PreviewCell, _ type: ColumnType) -> String {
    switch cell {
    case .null: return "null"
    case .masked: return JSONText.string(mask)
    case .value(let text):
      switch type {
      case .bool, .jsonb: return text
      case .timestamp, .timestamptz: return JSONText.string(iso8601(text))
      // JSON knows neither NaN nor Infinity.
      case _ where type.isNumber && text.utf8.contains(where: { (0x30...0x39).contains($0) }):
        return text
      default: return JSONText.string(text)
      }
    }
  }

  /// `2026-06-01 00:00:00+08` as `2026-06-01T00:00:00+08:00`.
  private static func iso8601(_ text: String) -> String {
    guard let space = text.firstIndex(of: " ") else { return text }
    var time = text[text.index(after: space)...]
    var era = ""
    if time.hasSuffix(" BC") {
      time = time.dropLast(3)
      era = " BC"
    }
    let offset = time.lastIndex { $0 == "+" || $0 == "-" }.map { time[$0...] }
    let minutes = offset.map { $0.contains(":") ? "" : ":00" } ?? ""
    return "\(text[..<space])T\(time)\(minutes)\(era)"
  }

  // MARK: Reports

  /// What a stage says about a thing that is no rows, with the keys of `roost show --format json`.
  static func json(_ report: PreviewReport) -> String {
    JSONValue.object([
      "stage": .string(report.stage), "kind": .string(report.kind),
      "rows": .integer(report.result.rows), "details": report.result.details,
      "notes": .array(report.result.notes.map { .string($0) }),
      "warnings": .array(report.result.warnings.map { .string($0) }),
    ]).text + "\n"
  }
}
