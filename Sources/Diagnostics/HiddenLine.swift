/// A line of a file whose values may be secrets: its key is shown, and names of environment variables.
struct HiddenLine {
  /// The line as it is shown.
  let text: String
  /// How many scalars of it stand in the file just so.
  let shownScalars: Int

  init(_ line: String) {
    let scalars = line.unicodeScalars
    let lead = scalars.prefix { $0 == " " || $0 == "-" }
    let key = scalars[lead.endIndex...].prefix { Self.isPartOfName($0) || $0 == "-" }
    let colon = scalars[key.endIndex...].prefix { $0 == ":" || $0 == " " }
    let isKey = !key.isEmpty && colon.first == ":" && !colon.dropFirst().contains(":")
    let start = isKey ? colon.endIndex : lead.endIndex
    let value = scalars[start...]
    // A colon without a blank behind it ends no key.
    let ends = value.isEmpty || colon.last == " "
    let shown = !isKey || !ends ? scalars[..<lead.endIndex] : scalars[..<start]
    let rest = scalars[shown.endIndex...]
    let isSafe = isKey && ends && Self.isReference(String(rest))
    text = isSafe ? line : String(shown) + (rest.isEmpty ? "" : "…")
    shownScalars = isSafe ? scalars.count : shown.count
  }

  /// Whether a text may be a name that somebody chose for a key or a variable.
  static func isName(_ text: Substring) -> Bool {
    (1...63).contains(text.unicodeScalars.count) && text.unicodeScalars.allSatisfy(isPartOfName)
  }

  /// Whether a value is nothing but `${NAME}`, in quotes or not.
  private static func isReference(_ value: String) -> Bool {
    var text = value[...]
    while text.last == " " { text = text.dropLast() }
    if text.count > 1, let quote = text.first, quote == "\"" || quote == "'", text.last == quote {
      text = text.dropFirst().dropLast()
    }
    guard text.hasPrefix("${"), text.hasSuffix("}") else { return false }
    return isName(text.dropFirst(2).dropLast())
  }

  private static func isPartOfName(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      || scalar == "_"
  }
}
