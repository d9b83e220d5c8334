extension ConnectionOptions {
  /// So long a lock is waited for while others may be held: shorter than the time after which Postgres
  /// looks for deadlocks, and would end the transaction of somebody else as well as ours.
  public static let briefWait = "150ms"
}

extension PostgresConnection {
  /// Does something that may wait for locks, each of them briefly, and repeats it for as long as the
  /// options' `lockPatience` while they are not to be had. Whatever it had locked must be let go when it
  /// ends.
  /// - Parameter waiting: is called once, when it has waited for a second.
  /// - Throws: what `body` throws: when patience ends the last `PostgresError` with `isLockTimeout`.
  public nonisolated func patiently<Value: Sendable, Failure: Error>(
    _ body: () async throws(Failure) -> Value,
    waiting: (PostgresError) async -> Void = { _ in }
  ) async throws(Failure) -> Value {
    let began = ContinuousClock.now
    var isTold = false
    while true {
      do throws(Failure) {
        return try await body()
      } catch {
        let waited = ContinuousClock.now - began
        guard let locked = error as? PostgresError, locked.isLockTimeout, waited < lockPatience
        else { throw error }
        if !isTold, waited > .seconds(1) {
          isTold = true
          await waiting(locked)
        }
        // Whoever waits behind our wait has its turn.
        do { try await Task.sleep(for: .milliseconds(50)) } catch is CancellationError {
          throw error
        } catch {}
      }
    }
  }
}
