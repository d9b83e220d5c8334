import Frames
import Synchronization

@testable import Scheduling

/// A clock that stands until a test moves it, once everybody sleeps and nobody works.
final class SimulatedClock: SchedulerClock {
  private struct State {
    var now: Instant
    var sleepers: [Int: (until: Instant, wake: CheckedContinuation<Void, any Error>)] = [:]
    var count = 0
    var working = 0
    var idle: (sleepers: Int, wake: CheckedContinuation<Void, Never>)?
  }

  private let state: Mutex<State>

  init(_ now: Instant) { state = Mutex(State(now: now)) }

  var now: Instant { state.withLock { $0.now } }

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
      state.withLock { $0.sleepers.removeValue(forKey: id)?.wake.resume(throwing: CancellationError()) }
    }
  }

  /// Runs what takes no time of this clock, during which it stands.
  func standing<Value>(_ work: () async -> Value) async -> Value {
    state.withLock { $0.working += 1 }
    let value = await work()
    state.withLock { state in
      state.working -= 1
      Self.tellIfIdle(&state)
    }
    return value
  }

  /// Waits until so many sleep and nobody works, then moves to the first that is to wake, but not
  /// beyond `limit`.
  func advance(sleepers count: Int, limit: Instant) async {
    await withCheckedContinuation { (wake: CheckedContinuation<Void, Never>) in
      state.withLock { state in
        state.idle = (count, wake)
        Self.tellIfIdle(&state)
      }
    }
    state.withLock { state in
      let next = state.sleepers.values.map(\.until).min() ?? limit
      state.now = max(state.now, min(next, limit))
      for (id, sleeper) in state.sleepers where sleeper.until <= state.now {
        sleeper.wake.resume()
        state.sleepers[id] = nil
      }
    }
  }

  private static func tellIfIdle(_ state: inout State) {
    guard let idle = state.idle, state.sleepers.count >= idle.sleepers, state.working == 0 else {
      return
    }
    state.idle = nil
    idle.wake.resume()
  }
}
