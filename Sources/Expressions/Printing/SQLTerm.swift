/// A printed part of an expression.
struct SQLTerm: Sendable, Equatable {
  let text: String
  /// Whether it stands beside any operator without parentheses.
  let isSimple: Bool

  init(_ text: String, isSimple: Bool = true) {
    self.text = text
    self.isSimple = isSimple
  }

  /// What binds less tightly than some operator.
  static func compound(_ text: String) -> SQLTerm { SQLTerm(text, isSimple: false) }

  /// As an operand.
  var nested: String { isSimple ? text : "(\(text))" }
}

extension [SQLTerm] {
  /// As arguments.
  var list: String { map(\.text).joined(separator: ", ") }

  /// Operands with a word between them.
  func joined(by word: String) -> SQLTerm {
    count == 1 ? self[0] : .compound(map(\.nested).joined(separator: " \(word) "))
  }
}
