import Diagnostics
import Expressions

/// Texts for commands that a person copies into a shell.
enum ShellText {
  /// The text as one word, in double quotes where it needs them.
  static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
          || "_-./:+".utf8.contains(byte)
      }
    guard !isPlain else { return text }
    var quoted = "\""
    for character in text {
      if "\"\\$`".contains(character) { quoted.append("\\") }
      quoted.append(character)
    }
    return quoted + "\""
  }
}

/// Names of columns in expressions.
enum ColumnSQL {
  /// The name with quotes only where it needs them.
  static func name(_ name: String) -> String {
    let file = SourceFile(name: "", text: name)
    let isPlain = (try? Expression(parsing: Snippet(file: file)).sql) == quotedName(name)
    return isPlain ? name : quotedName(name)
  }
}
