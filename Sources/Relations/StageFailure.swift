/// Why a stage cannot go on, for a person: what was found, what was expected, what to do. Never holds
/// values of rows.
public struct StageFailure: Error, Sendable, CustomStringConvertible {
  public let message: String
  public let help: String?
  /// Whether a check of the data stopped the run, rather than an error.
  public let isBlockedByCheck: Bool

  public init(_ message: String, help: String? = nil, isBlockedByCheck: Bool = false) {
    self.message = message
    self.help = help
    self.isBlockedByCheck = isBlockedByCheck
  }

  public var description: String { help.map { "\(message); \($0)" } ?? message }
}
