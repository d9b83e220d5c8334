import ArgumentParser
import Diagnostics
import Inspection

/// Shows what is wrong and ends the command.
func wrongFiles(_ report: Report) -> ExitCode {
  Console.show(report)
  Console.note(errorCount(report))
  return report.exitCode
}

extension Report {
  /// How a command ends that has found errors: where all of them are that others have locked what is
  /// asked about, no file is wrong.
  var exitCode: ExitCode {
    isOnlyLocked ? .unreachable : .wrongFiles
  }
}

extension LockWait {
  /// As a run waits, with a word of whom it waits for.
  static let asRun = LockWait.asRun { Console.note("\($0); the run waits") }
}

/// How many errors there are: `2 errors`.
func errorCount(_ report: Report) -> String {
  "\(report.errorCount) \(report.errorCount == 1 ? "error" : "errors")"
}
