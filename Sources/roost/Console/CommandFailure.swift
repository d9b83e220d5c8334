import ArgumentParser
import Diagnostics
import PostgresClient

extension ExitCode {
  static let stageFailed = ExitCode(.stageFailed)
  static let wrongFiles = ExitCode(.wrongFiles)
  static let blocked = ExitCode(.blocked)
  static let unreachable = ExitCode(.unreachable)
  static let wrongUsage = ExitCode(.wrongUsage)
  static let cancelled = ExitCode(.cancelled)

  init(_ status: ExitStatus) { self.init(status.rawValue) }
}

/// Ends a command with a message and one of the exit statuses that people script against.
struct CommandFailure: EndsCommand {
  let description: String
  let status: ExitStatus

  init(_ message: String, _ status: ExitStatus) {
    description = message
    self.status = status
  }
}

/// The client of Postgres knows of no commands.
extension PostgresError: EndsCommand {
  public var status: ExitStatus {
    switch kind {
    // A statement that was under way when somebody asked to stop.
    case .cancelled: .cancelled
    case .cannotConnect, .connectionLost: .unreachable
    default: .stageFailed
    }
  }
}
