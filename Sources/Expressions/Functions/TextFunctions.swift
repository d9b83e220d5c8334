import Frames

extension Function {
  static let textFunctions: [Function] = [
    Function(
      "lower", "The text in lower case.",
      Signature([.text], .text, .text { TextOperations.mapCase($0.text(0), upper: false) })),
    Function(
      "upper", "The text in upper case.",
      Signature([.text], .text, .text { TextOperations.mapCase($0.text(0), upper: true) })),
    trimming("btrim", "The text without blanks, or the given characters, at both ends.", .both),
    trimming("ltrim", "The text without blanks, or the given characters, at its start.", .leading),
    trimming("rtrim", "The text without blanks, or the given characters, at its end.", .trailing),
    Function(
      "length", "The number of characters.",
      Signature([.text], .int4, .textToInteger { Int64(TextOperations.length($0.text(0))) })),
    Function(
      "char_length", "The number of characters.",
      Signature([.text], .int4, .textToInteger { Int64(TextOperations.length($0.text(0))) })),
    Function(
      "initcap", "The text with each word's first letter in upper case, the others in lower case.",
      Signature([.text], .text, .text { TextOperations.capitalize($0.text(0)) })),
    Function(
      "reverse", "The characters in reverse.",
      Signature([.text], .text, .text { TextOperations.reverse($0.text(0)) })),
    Function(
      "left", "The first n characters; all but the last -n where n is negative.",
      Signature(
        [.text, .int4], .text, .text { Array(TextOperations.left($0.text(0), $0.integer(1))) })),
    Function(
      "right", "The last n characters; all but the first -n where n is negative.",
      Signature(
        [.text, .int4], .text, .text { Array(TextOperations.right($0.text(0), $0.integer(1))) })),
    substring("substring"), substring("substr"),
    Function(
      "replace", "The text with every occurrence of the second replaced by the third.",
      Signature(
        [.text, .text, .text], .text,
        .text { TextOperations.replace($0.text(0), $0.text(1), by: $0.text(2)) })),
    Function(
      "split_part", "The n-th part of a text that is cut at a separator; from the end if negative.",
      Signature(
        [.text, .text, .int4], .text,
        .tryText { row, failure in
          if row.integer(2) == 0 {
            failure.fail(.invalidArgument, "field position must not be zero")
            return []
          }
          return TextOperations.part(row.text(0), separator: row.text(1), row.integer(2))
        })),
    Function(
      "concat", "All arguments as one text; nulls count as empty.",
      Signature([.printed], isVariadic: true, nulls: .never) { _ in (.text, .concatenation) }),
    Function(
      "starts_with", "Whether the text begins with the second.",
      Signature(
        [.text, .text], .bool,
        .infallible { arguments, call in
          call.textMap(arguments, to: .bool, ColumnValues.bool, placeholder: false) {
            $0.text(0).starts(with: $0.text(1))
          }
        })),
    Function(
      "strpos", "Where the second text begins in the first, from 1; 0 if nowhere.",
      Signature(
        [.text, .text], .int4,
        .textToInteger { TextOperations.position(of: $0.text(1), in: $0.text(0)) })),
  ]

  private static func trimming(
    _ name: String, _ about: String, _ side: TextOperations.Side
  ) -> Function {
    Function(
      name, about,
      Signature(
        [.text], .text, .text { Array(TextOperations.trim($0.text(0), [0x20], side)) }),
      Signature(
        [.text, .text], .text,
        .text { Array(TextOperations.trim($0.text(0), $0.text(1), side)) }))
  }

  private static func substring(_ name: String) -> Function {
    Function(
      name, "Characters from a place (from 1), all or as many as the length says.",
      Signature(
        [.text, .int4], .text,
        .text { Array(TextOperations.substring($0.text(0), from: $0.integer(1), length: nil)) }),
      Signature(
        [.text, .int4, .int4], .text,
        .tryText { row, failure in
          if row.integer(2) < 0 {
            failure.fail(.invalidLength, "negative substring length not allowed")
            return []
          }
          return Array(
            TextOperations.substring(
              row.text(0), from: row.integer(1), length: row.integer(2)))
        }))
  }
}

extension Kernel {
  /// `a || b`, null if one is.
  static let joining = Kernel.text { Array($0.text(0)) + Array($0.text(1)) }

  /// `concat`: nulls are empty.
  static let concatenation = Kernel.infallible { arguments, call throws(EvaluationError) in
    let (count, isConstant) = call.extent(arguments)
    var builder = ColumnBuilder(type: .text, capacity: count)
    for row in 0..<count {
      var text: [UInt8] = []
      for argument in arguments where !argument.isNull(row) {
        let (codes, dictionary) = argument.texts
        text += dictionary.utf8(codes.values[row &* codes.stride])
      }
      text.withUnsafeBufferPointer { builder.append(utf8: $0) }
    }
    return Vector(builder.build(), isConstant: isConstant)
  }

  /// `[not] like` and `[not] ilike`.
  static func like(escape: Unicode.Scalar?, ignoresCase: Bool, isNegated: Bool) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      try call.tryTextMap(arguments, to: .bool, ColumnValues.bool, placeholder: false) {
        row, failure in
        let text =
          ignoresCase ? TextOperations.mapCase(row.text(0), upper: false)[...] : row.text(0)
        guard let pattern = LikePattern(row.text(1), escape: escape, ignoresCase: ignoresCase)
        else {
          failure.fail(.invalidEscape, "LIKE pattern must not end with escape character")
          return false
        }
        return pattern.matches(text) != isNegated
      }
    }
  }
}
