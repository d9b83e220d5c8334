/// Why a value in the binary format cannot be held.
enum DecodeProblem: Error {
  case wrongLength
  case malformed
  case outOfRange
  case notANumber
  case infinite
  case notUTF8

  var message: String {
    switch self {
    case .wrongLength: "a value of an unexpected length"
    case .malformed: "a value that is not well formed"
    case .outOfRange: "a value out of range"
    case .notANumber: "NaN, which an exact decimal cannot hold"
    case .infinite: "an infinity, which an exact decimal cannot hold"
    case .notUTF8: "a text that is not valid UTF-8, and its database has no encoding (SQL_ASCII)"
    }
  }

  /// What to do, where the problem alone tells.
  /// - Parameter column: the column's name.
  func hint(column: String) -> String? {
    guard self == .notUTF8 else { return nil }
    let name = (try? SQL.identifier(column)) ?? "name"
    return "read it in the encoding that it was written in, as with "
      + "convert_from(convert(convert_to(\(name), 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'UTF8'), "
      + "or mend it at the source"
  }
}
