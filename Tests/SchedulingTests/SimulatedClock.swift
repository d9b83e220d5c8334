import Frames
import State
import Synchronization

@testable import Scheduling

/// A clock that stands until a test moves it.
final class SimulatedClock: SchedulerClock {
  private struct State {
    var now: Instant
    var sleepers: [Int: (until: Instant, wake: CheckedContinuation<Void, any Error>)] = [:]
    var count = 0
    var idle: (sleepers: Int, wake: CheckedContinuation<Void, Never>)?
  }

  private let state: Mutex<State>

  init(_ now: Instant) { state = Mutex(State(now: now)) }

  var now: Instant { state.withLock { $0.now } }

  /// A database's own clock stands for no test.
  func now(at state: StateDatabase) async throws -> Instant { now }

  func sleep(until instant: Instant) async throws {
    let id = state.withLock { state in
      state.count += 1
      return state.count
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (wake: CheckedContinuation<Void, any Error>) in
        state.withLock { state in
          if Task.isCancelled {
            wake.resume(throwing: CancellationError())
          } else if instant <= state.now {
            wake.resume()
          } else {
            state.sleepers[id] = (instant, wake)
            Self.tellIfIdle(&state)
          }
        }
      }
    } onCancel: {
      state.withLock {
        $0.sleepers.removeValue(forKey: id)?.wake.resume(throwing: CancellationError())
      }
    }
  }

  /// Waits until all schedulers do nothing but sleep, then moves to the first that is to wake, but not
  /// beyond `limit`.
  func advance(_ schedulers: [Scheduler], limit: Instant) async {
    while true {
      await sleepers(schedulers.count)
      var areIdle = true
      for scheduler in schedulers where await !scheduler.isIdle { areIdle = false }
      if areIdle, move(schedulers.count, limit) { return }
      try? await Task.sleep(for: .microseconds(200))
    }
  }

  private func sleepers(_ count: Int) async {
    await withCheckedContinuation { (wake: CheckedContinuation<Void, Never>) in
      state.withLock { state in
        state.idle = (count, wake)
        Self.tellIfIdle(&state)
      }
    }
  }

  private func move(_ count: Int, _ limit: Instant) -> Bool {
    state.withLock { state in
      guard state.sleepers.count >= count else { return false }
      let next = state.sleepers.values.map(\.until).min() ?? limit
      state.now = max(state.now, min(next, limit))
      for (id, sleeper) in state.sleepers where sleeper.until <= state.now {
        state.sleepers[id] = nil
        sleeper.wake.resume()
      }
      return true
    }
  }

  private static func tellIfIdle(_ state: inout State) {
    guard let idle = state.idle, state.sleepers.count >= idle.sleepers else { return }
    state.idle = nil
    idle.wake.resume()
  }
}
