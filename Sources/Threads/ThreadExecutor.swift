import Foundation
import Synchronization

/// A serial executor with a thread of its own, for actors whose jobs make blocking calls: these must
/// never hold a thread of Swift's cooperative pool. The thread ends when the executor is released.
public final class ThreadExecutor: SerialExecutor {
  private let queue: JobQueue

  public init(name: String) {
    let queue = JobQueue()
    self.queue = queue
    NewThread.start(named: name) { queue.work() }
  }

  deinit { queue.close() }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.add { job.runSynchronously(on: executor) }
  }
}

/// Runs a blocking or long computation on a thread of its own.
public func onOwnThread<Value: Sendable>(
  named name: String, _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    NewThread.start(named: name) { continuation.resume(with: Result { try work() }) }
  }
}

private final class JobQueue: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var isClosed = false
  }
  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)

  func add(_ job: @escaping @Sendable () -> Void) {
    state.withLock { $0.jobs.append(job) }
    wake.signal()
  }

  func close() {
    state.withLock { $0.isClosed = true }
    wake.signal()
  }

  func work() {
    while true {
      wake.wait()
      let (jobs, isClosed) = state.withLock { state in
        defer { state.jobs.removeAll() }
        return (state.jobs, state.isClosed)
      }
      for job in jobs { job() }
      if isClosed && jobs.isEmpty { return }
    }
  }
}
