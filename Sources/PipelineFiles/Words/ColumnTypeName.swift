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
    type = try TypeText(parsing: snippet).type
    span = snippet.span
  }
}
