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
/// a cast, a function or RAISE makes, so a message is shown only where it is known to hold none.
enum MessagePrivacy {
  /// States and classes whose messages Postgres makes of names and numbers of its own.
  private static let safe: Set<String> = [
    "08P01", "21", "22001", "22004", "22012", "2201E", "2201F", "23", "25", "40", "42501", "53",
    "54001",
    "55", "57", "XX001", "XX002",
  ]
  /// In statements of our own these speak of what the statement names.
  private static let aboutNames: Set<String> = [
    "0A", "0L", "0P", "24", "26", "28", "2B", "34", "3B", "3D", "3F", "42", "58", "F0", "XX",
  ]

  /// - Parameters:
  ///   - pointsAtText: whether the error has a position in the statement, which Postgres gives to
  ///     what is wrong with its text.
  ///   - isRaised: whether RAISE made the message, under whatever state.
  static func mayShow(
    sqlState: String, in content: MessageContent, pointsAtText: Bool, isRaised: Bool
  ) -> Bool {
    if isRaised { return false }
    if pointsAtText { return true }
    func isListed(_ list: Set<String>) -> Bool {
      list.contains(sqlState) || list.contains(String(sqlState.prefix(2)))
    }
    switch content {
    case .text: return true
    case .names: return isListed(safe) || isListed(aboutNames)
    case .rows: return isListed(safe)
    }
  }

  /// What is said instead of a message.
  static func substitute(for sqlState: String) -> String {
    let name = ConditionNames.words(for: sqlState) ?? "the database refused it"
    return "\(name) (Postgres's message is withheld, because it may quote a value)"
  }
}
