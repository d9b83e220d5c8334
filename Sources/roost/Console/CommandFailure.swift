import ArgumentParser
import DemoShop
import Drafting
import Inspection
import PostgresClient
import State

extension ExitCode {
  static let stageFailed = ExitCode(1)
  static let wrongFiles = ExitCode(2)
  static let blocked = ExitCode(3)
  static let locked = ExitCode(4)
  static let unreachable = ExitCode(5)
  static let wrongUsage = ExitCode(64)
  static let cancelled = ExitCode(130)
}

/// Ends a command with a message and one of the exit codes that people script against.
struct CommandFailure: Error {
  let message: String
  let code: ExitCode

  init(_ message: String, _ code: ExitCode) {
    self.message = message
    self.code = code
  }

  /// The failure that an error of the modules is; nil for those of the argument parser.
  init?(_ error: any Error) {
    switch error {
    // A statement that was under way when somebody asked to stop.
    case let error as PostgresError where error.kind == .cancelled:
      self.init("cancelled", .cancelled)
    case let error as PostgresError:
      let isUnreachable = error.kind == .cannotConnect || error.kind == .connectionLost
      self.init("\(error)", isUnreachable ? .unreachable : .stageFailed)
    case let error as RunError:
      if case .locked = error {
        self.init("\(error)", .locked)
      } else {
        self.init("\(error)", .stageFailed)
      }
    case let error as PreviewError:
      let failed: ExitCode = error.isBlockedByCheck ? .blocked : .stageFailed
      self.init("\(error)", error.isUnreachable ? .unreachable : failed)
    case let error as InitError:
      switch error {
      case .filesExist: self.init("\(error)", .wrongFiles)
      case .noSchema, .wrongEntity, .unknownZone: self.init("\(error)", .wrongUsage)
      default: self.init("\(error)", .stageFailed)
      }
    case let error as DemoError: self.init("\(error)", .stageFailed)
    case is CancellationError: self.init("cancelled", .cancelled)
    default: return nil
    }
  }
}
