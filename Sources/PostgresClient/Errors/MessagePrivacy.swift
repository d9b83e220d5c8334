/// What Postgres may quote in the message of an error, by the kind of statement that fails.
enum MessageContent {
  /// Only the statement's own text: it is being prepared, and no row is touched.
  case text
  /// Parameters and the names of objects: it is one of Roost's own.
  case names
  /// Values of rows: they are being read or written.
  case rows
}

/// Decides which of Postgres's messages may be shown. A value of a row can stand in any message that
/// a cast, a function or RAISE makes, here or on a server behind this one, so over rows a message is
/// shown only where its words are known to be Postgres's own.
enum MessagePrivacy {
  /// In statements of our own, which touch no rows that somebody else wrote, these speak of what the
  /// statement names.
  private static let aboutNames: Set<String> = [
    "08P01", "0A", "0L", "0P", "21", "22001", "22004", "22012", "2201E", "2201F", "23", "24", "25",
    "26", "28", "2B", "34", "3B", "3D", "3F", "40", "42", "53", "55", "57", "58", "F0", "XX",
  ]

  /// - Parameters:
  ///   - pointsAtText: whether the error has a position in the statement, which Postgres gives to
  ///     what is wrong with its text.
  ///   - isRaised: whether RAISE made the message, under whatever state.
  static func mayShow(
    _ message: String, sqlState: String, in content: MessageContent, pointsAtText: Bool,
    isRaised: Bool
  ) -> Bool {
    if isRaised { return false }
    // Over rows a value may be what is parsed, as where one is cast to regtype.
    if pointsAtText { return content != .rows || sqlState != "42601" }
    switch content {
    case .text: return true
    case .names:
      if aboutNames.contains(sqlState) || aboutNames.contains(String(sqlState.prefix(2))) {
        return true
      }
      fallthrough
    case .rows: return MessageForms.isKnown(message, sqlState: sqlState)
    }
  }

  /// Whether the hint of a message that may be shown may be shown too.
  static func mayShow(hint: String, in content: MessageContent, pointsAtText: Bool) -> Bool {
    pointsAtText || content != .rows || MessageForms.isKnown(hint: hint)
  }

  /// What is said instead of a message.
  /// - Parameter place: where in a COPY or in a foreign file it happened, where that is known.
  static func substitute(for sqlState: String, place: CopyPlace?) -> String {
    let name = ConditionNames.words(for: sqlState) ?? "the database refused it"
    let place = place.map { " in \($0)" } ?? ""
    return "\(name)\(place) (Postgres's message is withheld, because it may quote a value)"
  }

  /// What to do, where the state alone tells.
  static func hint(for sqlState: String) -> String? {
    switch sqlState {
    case "22021":
      "bytes are no text in the encoding in which they are taken: mend them at the source, or say "
        + "where they are read which encoding they have, as in convert_from(bytes, 'LATIN1')"
    case "22P05":
      "a text holds what the other side has no character for, or json a \\u0000, which jsonb cannot "
        + "hold: leave the column out, or replace it where it is read"
    default: nil
    }
  }
}
