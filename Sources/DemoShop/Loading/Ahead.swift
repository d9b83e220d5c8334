import Foundation
import Synchronization

/// Values made on a thread of their own, ahead of the thread that takes them: one core makes the next
/// piece while the other loads the last.
final class Ahead<Value: Sendable>: Sendable {
  private struct State {
    var ready: [Value] = []
    var isStopped = false
  }
  private let state = Mutex(State())
  private let places: DispatchSemaphore
  private let values = DispatchSemaphore(value: 0)

  /// Starts making `count` values, of which at most `ahead` wait at a time.
  init(count: Int, ahead: Int = 2, make: @escaping @Sendable (Int) -> Value) {
    places = DispatchSemaphore(value: ahead)
    let thread = Thread { [self] in
      for index in 0..<count {
        places.wait()
        if state.withLock({ $0.isStopped }) { return }
        let value = make(index)
        state.withLock { $0.ready.append(value) }
        values.signal()
      }
    }
    thread.name = "demo data"
    thread.start()
  }

  /// The next value, waiting for it. To be called as often as there are values.
  func next() -> Value {
    values.wait()
    let value = state.withLock { $0.ready.removeFirst() }
    places.signal()
    return value
  }

  /// Lets the thread end although not every value was taken.
  func stop() {
    state.withLock { $0.isStopped = true }
    places.signal()
  }
}
