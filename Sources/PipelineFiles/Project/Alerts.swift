import Diagnostics

/// Who is told of what happens to runs, and how.
public struct Alerts: Record {
  public static let about = "Who is told when a run fails, is late or does not start."
  public let webhook: Deferred?
  public let signingKey: Deferred?
  public let command: OneOrMany<Phrase>?
  public let commandVariables: [VariableName]
  public let mail: OneOrMany<MailAddress>?
  public let sendmail: FilePath
  public let on: [AlertKind]

  /// Of what anybody is told: nothing where no way is named.
  public var told: Set<AlertKind> {
    webhook == nil && command == nil && mail == nil ? [] : Set(on)
  }

  public init(_ keys: inout Keys) {
    webhook = keys("webhook", "Address that takes each alert as JSON in a POST.")
    signingKey = keys("signing_key", "Key of the HMAC that signs what the webhook is sent.")
    command = keys(
      "command", "Program, with its arguments, that takes each alert on standard input.",
      such: "/usr/local/bin/page")
    commandVariables = keys(
      "command_variables",
      "Environment variables that the command gets beside PATH, HOME, USER, LOGNAME, SHELL, LANG, LC_…, "
        + "TZ and TMPDIR.", default: [], shown: "none")
    mail = keys("mail", "Addresses that get each alert as mail.")
    sendmail = keys(
      "sendmail", "Program that takes the mail.", default: FilePath.written("/usr/sbin/sendmail"),
      shown: "/usr/sbin/sendmail")
    on = keys(
      "on", "What is told.", default: AlertKind.preset, shown: "all but succeeded")
  }
}

/// What people are told of.
public enum AlertKind: String, Choice {
  /// How a run ended.
  case succeeded, failed, blocked, cancelled, lost
  /// Not done by `finish_by`.
  case late
  /// Due, and not begun.
  case notStarted = "not_started"
  /// A pipeline's file cannot be read any more.
  case brokenFile = "broken_file"
  /// A publication waits for somebody's approval.
  case held
  /// Rows or a model are not what they were in earlier runs.
  case drift

  /// What is told where nothing else is said.
  public static let preset = allCases.filter { $0 != .succeeded }
}

/// A mail address.
public struct MailAddress: Word {
  public static let word = WordShape(
    name: "a mail address", example: "ops@example.com", pattern: #"^[^\s@<>,;"]+@[^\s@<>,;"]+$"#)
  public let text: String

  public init(parsing snippet: Snippet) throws {
    let parts = snippet.text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
      !snippet.text.contains(where: { $0.isWhitespace || $0.isNewline || "<>,;\"".contains($0) }),
      !snippet.text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw WordTrouble("'\(snippet.excerpt)' is not a mail address") }
    text = snippet.text
  }
}
