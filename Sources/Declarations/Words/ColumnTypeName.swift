import Diagnostics
import Expressions
import Frames

/// The type of a column as SQL writes it: `bigint`, `numeric(14,2)`.
public struct ColumnTypeName: Word {
  public static let word = WordShape(
    name: "a column type", example: "bigint", scalars: [.string])
  public let type: ColumnType
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    // In braces YAML ends a text without quotes at a comma.
    if snippet.text.contains("("), !snippet.text.contains(")") {
      throw WordTrouble(
        "'\(snippet.excerpt)' is cut off at a comma", help: "put it in quotes: \"numeric(12,2)\"")
    }
    type = try TypeText(parsing: snippet).type
    span = snippet.span
  }
}
