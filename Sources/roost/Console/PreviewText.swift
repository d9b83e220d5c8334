import Diagnostics
import Frames
import Inspection

/// Rows for a person: a table, or one block for each row where a table is too wide.
struct PreviewText {
  /// How wide a column of a table gets on a terminal.
  private static let widestColumn = 40

  private let rows: PreviewRows
  /// Columns that the terminal has; nil where nothing limits them.
  private let width: Int?

  init(_ rows: PreviewRows, width: Int?) {
    self.rows = rows
    self.width = width
  }

  var lines: [String] {
    let table = table
    let needed = table.widths.reduce(0, +) + 2 * max(0, table.widths.count - 1)
    if let width, needed > width, !rows.rows.isEmpty { return blocks(width) }
    let rule = table.widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    var lines = table.lines
    lines.insert(rule, at: min(2, lines.count))
    return lines
  }

  private var table: TextTable {
    var table = TextTable(
      rows.fields.map { (SafeText.line($0.name), $0.type.isNumber ? .right : .left) })
    table.rows.append(rows.fields.map(Self.type))
    for row in rows.rows {
      table.rows.append(
        row.map { cell in
          let text = Self.text(cell)
          return width == nil ? text : TerminalText.cut(text, to: Self.widestColumn)
        })
    }
    return table
  }

  /// Each column on a line of its own.
  private func blocks(_ width: Int) -> [String] {
    let names = rows.fields.map { SafeText.line($0.name) }
    let types = rows.fields.map(Self.type)
    let nameWidth = names.map { TerminalText.width($0) }.max() ?? 0
    let typeWidth = types.map { TerminalText.width($0) }.max() ?? 0
    return rows.rows.enumerated().flatMap { number, row in
      let title = "── row \(number + 1) "
      let rule = title + String(repeating: "─", count: max(0, min(width, 60) - title.count))
      return [rule]
        + row.indices.map { place in
          let line =
            Self.padded(names[place], nameWidth) + "  " + Self.padded(types[place], typeWidth)
            + "  " + Self.text(row[place])
          return TerminalText.cut(line, to: max(width, nameWidth + typeWidth + 16))
        }
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - TerminalText.width(text)))
  }

  /// The type with a question mark where values may be null, in the short words that people write.
  private static func type(_ field: Field) -> String {
    let name =
      switch field.type {
      case .timestamptz: "timestamptz"
      case .timestamp: "timestamp"
      case .float8: "float8"
      case .float4: "float4"
      default: field.type.sqlName
      }
    return name + (field.isNullable ? "?" : "")
  }

  private static func text(_ cell: PreviewCell) -> String {
    switch cell {
    case .null: "null"
    case .masked: PreviewData.mask
    case .value(let text): text.isEmpty ? "''" : SafeText.line(text)
    }
  }
}
