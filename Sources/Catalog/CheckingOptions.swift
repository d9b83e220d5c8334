import PipelineFiles
import PostgresClient

extension ConnectionOptions {
  /// For transactions that only look: none waits long for another's lock, none stays. Outside of them
  /// nothing is set, for the session may be lent by a pooler.
  /// - Parameter lockTimeout: for how long in all `patiently` waits for locks.
  public static func checking(lockTimeout: Swift.Duration = .seconds(2)) -> ConnectionOptions {
    ConnectionOptions(
      settings: [
        "lock_timeout": briefWait,
        "statement_timeout": "\(max(60, Int(lockTimeout / .seconds(1)) * 2))s",
        "idle_in_transaction_session_timeout": "60s",
      ], scope: .transaction, lockPatience: lockTimeout)
  }
}
