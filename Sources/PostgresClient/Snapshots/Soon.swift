import Synchronization

/// Bounds what may take long through no fault of its own.
enum Soon {
  static let seconds = 5

  /// Does something that may take long through no fault of its own.
  /// - Returns: nil where it took too long; then it goes on, and nobody waits for it.
  static func result<Value: Sendable>(
    _ body: @escaping @Sendable () async throws(PostgresError) -> Value
  ) async -> Result<Value, PostgresError>? {
    await withCheckedContinuation { continuation in
      let answer = Answer(waiter: continuation)
      Task {
        do throws(PostgresError) {
          answer.give(.success(try await body()))
        } catch {
          answer.give(.failure(error))
        }
      }
      Task {
        try? await Task.sleep(for: .seconds(seconds))
        answer.give(nil)
      }
    }
  }

  /// The first answer counts.
  private final class Answer<Value: Sendable>: Sendable {
    typealias Waiter = CheckedContinuation<Result<Value, PostgresError>?, Never>
    private let waiter: Mutex<Waiter?>

    init(waiter: Waiter) { self.waiter = Mutex(waiter) }

    func give(_ result: Result<Value, PostgresError>?) {
      let waiting = waiter.withLock { waiter in
        defer { waiter = nil }
        return waiter
      }
      waiting?.resume(returning: result)
    }
  }
}

extension PostgresConnection {
  /// Ends sessions, and does not wait long for one that is stuck in a statement: in the queue of a pooler,
  /// or for a server that is gone.
  static func closeSoon(_ connections: some Sequence<PostgresConnection>) async {
    await withTaskGroup(of: Void.self) { group in
      for connection in connections {
        connection.cancel()
        group.addTask { _ = await Soon.result { await connection.close() } }
      }
    }
  }
}
