import Foundation
import Synchronization

/// As many threads as there are cores for tasks that compute for long. What must never wait for a free
/// thread stays on Swift's own pool: guards of locks, schedules, whoever hears signals.
public final class WorkerPool: TaskExecutor {
  public static let shared = WorkerPool(threads: ProcessInfo.processInfo.activeProcessorCount)

  private let jobs = Jobs()

  init(threads: Int) {
    for _ in 0..<max(1, threads) {
      NewThread.start(named: "roost worker") { [jobs] in jobs.work() }
    }
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    jobs.add { job.runSynchronously(on: executor) }
  }
}

/// Jobs in the order in which they came.
private final class Jobs: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    /// Where the next one stands.
    var next = 0
  }
  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)

  func add(_ job: @escaping @Sendable () -> Void) {
    state.withLock { $0.waiting.append(job) }
    wake.signal()
  }

  func work() -> Never {
    while true {
      wake.wait()
      state.withLock { state -> @Sendable () -> Void in
        let job = state.waiting[state.next]
        state.next += 1
        // The places of those that are done are given back from time to time.
        if state.next == state.waiting.count || state.next > 1000 {
          state.waiting.removeFirst(state.next)
          state.next = 0
        }
        return job
      }()
    }
  }
}
