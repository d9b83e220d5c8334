import Synchronization
import Threads

/// Whether the task that waits for a computation on another thread was cancelled.
final class CancellationFlag: Sendable {
  private let isSet = Atomic(false)

  func set() { isSet.store(true, ordering: .relaxed) }

  func check() throws {
    if isSet.load(ordering: .relaxed) { throw CancellationError() }
  }
}

/// Runs a computation on a thread of its own.
/// - Throws: what `work` throws; `CancellationError` where `work` checks the flag.
func onLearningThread<Value: Sendable>(
  named name: String, _ work: @escaping @Sendable (CancellationFlag) throws -> Value
) async throws -> Value {
  let flag = CancellationFlag()
  return try await withTaskCancellationHandler {
    try await onOwnThread(named: name) {
      try flag.check()
      return try work(flag)
    }
  } onCancel: {
    flag.set()
  }
}
