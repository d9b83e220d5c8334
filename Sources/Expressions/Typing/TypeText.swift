import Diagnostics
import Frames

/// The name of a type as SQL writes it, alone: `bigint`, `numeric(14,2)`, `timestamp with time zone`.
public struct TypeText: Sendable {
  public let type: ColumnType

  /// - Throws: `Diagnostic` that points at what is no type, or at the digits that are missing.
  public init(parsing snippet: Snippet) throws(Diagnostic) {
    var parser = try Parser(snippet)
    let name = try parser.typeName()
    guard parser.current.kind == .end else { throw parser.unexpected("the type should end here") }
    if name.name == "numeric" || name.name == "decimal" {
      type = try Self.numeric(name, in: snippet)
      return
    }
    guard let type = ColumnType.namesInSQL[name.name] else {
      throw Diagnostic(
        .unknownType, "there is no type '\(name.name)'", at: snippet.span(of: name.range),
        help: Suggestion.help(for: name.name, in: ColumnType.allNamesInSQL))
    }
    guard name.modifiers.isEmpty else {
      throw Diagnostic(
        .unsupportedSyntax, "the type '\(name.name)' takes no modifier here",
        at: snippet.span(of: name.range), help: "write \(name.name) alone")
    }
    self.type = type
  }

  private static func numeric(
    _ name: SyntaxNode.TypeName, in snippet: Snippet
  ) throws(Diagnostic) -> ColumnType {
    let scale = name.modifiers.count > 1 ? name.modifiers[1] : 0
    guard let precision = name.modifiers.first else {
      throw Diagnostic(
        .tooManyDigits, "numeric does not say how many digits", at: snippet.span(of: name.range),
        help: "write \"numeric(12,2)\", for example, in quotes where it stands in braces")
    }
    guard name.modifiers.count <= 2, (1...ColumnType.maximumPrecision).contains(precision),
      (0...precision).contains(scale)
    else {
      throw Diagnostic(
        .tooManyDigits,
        "numeric has 1 to \(ColumnType.maximumPrecision) digits here, and not more "
          + "of them after the point", at: snippet.span(of: name.range),
        help: "write \"numeric(12,2)\", for example")
    }
    return .numeric(precision: precision, scale: scale)
  }
}

extension ColumnType {
  /// The types by the names that SQL has for them, all but numeric, which has digits.
  static let namesInSQL: [String: ColumnType] = [
    "bool": .bool, "boolean": .bool, "int2": .int2, "smallint": .int2, "int": .int4, "int4": .int4,
    "integer": .int4, "int8": .int8, "bigint": .int8, "float4": .float4, "real": .float4,
    "float8": .float8, "double precision": .float8, "float": .float8, "text": .text,
    "varchar": .text, "date": .date, "timestamp": .timestamp, "timestamptz": .timestamptz,
    "interval": .interval, "uuid": .uuid, "jsonb": .jsonb,
  ]

  static let allNamesInSQL = namesInSQL.keys.sorted() + ["numeric"]
}
