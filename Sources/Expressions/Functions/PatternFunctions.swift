import Frames

/// Functions with regular expressions, which are read when they are typed.
extension Function {
  static let patternFunctions: [Function] = [
    Function(
      "regexp_like", "Whether the text has a match of the pattern; the flag i ignores case.",
      Signature([.exactly(.text), .literal(.text)], like),
      Signature([.exactly(.text), .literal(.text), .literal(.text)], like)),
    Function(
      "regexp_replace",
      "The text with the first match of the pattern replaced, or all with the flag g; in the "
        + "replacement \\& is the match and \\1 to \\9 are its groups; the flag i ignores case.",
      Signature([.exactly(.text), .literal(.text), .literal(.text)], replace),
      Signature([.exactly(.text), .literal(.text), .literal(.text), .literal(.text)], replace)),
  ]

  private static let like: Signature.Instantiate = { arguments throws(LiteralMistake) in
    let flags = try flags(arguments, 2, known: "i")
    let regex = try regex(arguments[1], flags)
    return (
      .bool,
      .infallible { values, call in
        call.textMap([values[0]], to: .bool, ColumnValues.bool, placeholder: false) {
          regex.matches($0.text(0))
        }
      }
    )
  }

  private static let replace: Signature.Instantiate = { arguments throws(LiteralMistake) in
    let flags = try flags(arguments, 3, known: "gi")
    let regex = try regex(arguments[1], flags)
    let replacement: RegularExpression.Replacement
    do throws(RegexMistake) {
      replacement = try regex.replacement(
        arguments[2].literalText ?? "", isGlobal: flags.contains("g"))
    } catch {
      throw LiteralMistake(argument: 2, message: error.message, help: error.help)
    }
    return (
      .text,
      .infallible { values, call throws(EvaluationError) in
        try call.tryTextMap([values[0]]) { row, _ in replacement.apply(to: row.text(0)) }
      }
    )
  }

  private static func regex(
    _ argument: TypedNode, _ flags: String
  ) throws(LiteralMistake) -> RegularExpression {
    guard let pattern = argument.literalText else {
      throw LiteralMistake(argument: 1, message: "the pattern is null")
    }
    do throws(RegexMistake) {
      return try RegularExpression(pattern, ignoresCase: flags.contains("i"))
    } catch {
      throw LiteralMistake(argument: 1, message: error.message, help: error.help)
    }
  }

  private static func flags(
    _ arguments: [TypedNode], _ index: Int, known: String
  ) throws(LiteralMistake) -> String {
    guard index < arguments.count else { return "" }
    guard let flags = arguments[index].literalText, flags.allSatisfy(known.contains) else {
      throw LiteralMistake(
        argument: index,
        message: "there are only the flags \(known.map(String.init).joined(separator: " and "))",
        help: "remove the others")
    }
    return flags
  }
}
