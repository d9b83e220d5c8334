import Diagnostics
import PipelineFiles

/// How long a check waits for what others have locked.
public enum LockWait: Sendable {
  /// Two seconds: somebody is looking.
  case briefly
  /// A minute for each time that the pipeline lets a run try, an hour at most, since by night another's
  /// lock is worth waiting for. Who has it is told after a second.
  case asRun(@Sendable (String) -> Void)

  func limit(_ pipeline: Pipeline) -> Swift.Duration {
    switch self {
    case .briefly: .seconds(2)
    case .asRun: .seconds(60 * min(60, (pipeline.settings.retry ?? .preset).attempts))
    }
  }

  var told: (@Sendable (String) -> Void)? {
    if case .asRun(let told) = self { told } else { nil }
  }
}

extension Report {
  /// Whether all errors are that others have locked what is asked about: then no file is wrong.
  public var isOnlyLocked: Bool { diagnostics.filter { $0.severity == .error }.areOnlyLocked }
}

extension [Diagnostic] {
  /// The same of errors that were picked.
  public var areOnlyLocked: Bool { !isEmpty && allSatisfy { $0.code == .locked } }
}
