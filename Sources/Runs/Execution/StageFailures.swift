import PipelineFiles
import PostgresClient
import Relations
import State

/// What is said of a stage that failed: never values of rows, never secrets.
package struct StageTrouble: Sendable {
  package let message: String
  package let state: StageState
  package let isBlockedByCheck: Bool
  /// Whether a database could not be reached.
  package let isUnreachable: Bool

  package init(_ error: any Error) {
    let failure = error as? StageFailure
    let source = error as? SourceFailure
    let database = (source?.error ?? error) as? PostgresError
    isBlockedByCheck = failure?.isBlockedByCheck ?? false
    isUnreachable =
      if case .lostSession = error as? RunError {
        true
      } else {
        source != nil || database?.kind == .cannotConnect
      }
    let isAsked = if case .cancelRequested = error as? RunError { true } else { false }
    let isCancelled = error is CancellationError || database?.kind == .cancelled || isAsked
    state = isCancelled ? .cancelled : .failed
    // The run's own message names the stage, which failed when the others had ended.
    if let publication = error as? PublicationFailure {
      message = "stage \(publication.stage) failed: \(publication)"
      return
    }
    message = state == .cancelled ? "cancelled" : "\(error)"
  }
}

/// A source that does not give what is to be read, however often it was tried.
struct SourceFailure: Error, CustomStringConvertible {
  let reading: Reading
  let error: any Error

  var description: String { "\(reading): \(error)" }
}

/// A standby that lags behind the as-of, where that is not allowed.
struct StaleSource: Error, CustomStringConvertible { let description: String }
