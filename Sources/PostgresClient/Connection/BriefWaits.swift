extension ConnectionOptions {
  /// So long a lock is waited for while others may be held: shorter than the time after which Postgres
  /// looks for deadlocks, and would end the transaction of somebody else as well as ours.
  public static let briefWait = "150ms"
}

extension PostgresConnection {
  /// Does something that may wait for locks, each of them briefly, and repeats it for as long as the
  /// options' `lockPatience` while they are not to be had. Whatever it had locked must be let go when it
  /// ends.
  /// - Throws: what `body` throws: when patience ends the last `PostgresError` with `isLockTimeout`.
  public nonisolated func patiently<Value: Sendable, Failure: Error>(
    _ body: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let began = ContinuousClock.now
    while true {
      do throws(Failure) {
        return try await body()
      } catch {
        guard (error as? PostgresError)?.isLockTimeout == true,
          ContinuousClock.now - began < lockPatience
        else { throw error }
        // Whoever waits behind our wait has its turn.
        do { try await Task.sleep(for: .milliseconds(50)) } catch is CancellationError {
          throw error
        } catch {}
      }
    }
  }
}
