import Synchronization

/// What tasks have to tell one loop: all that came since it last asked, in its order.
final class Arrivals<Item: Sendable>: Sendable {
  private struct State {
    var items: [Item] = []
    var waiter: CheckedContinuation<[Item], Never>?
  }
  private let state = Mutex(State())

  func send(_ item: Item) {
    state.withLock { state in
      if let waiter = state.waiter {
        state.waiter = nil
        waiter.resume(returning: [item])
      } else {
        state.items.append(item)
      }
    }
  }

  /// What came; waits for the first where there is none. For one loop only.
  func next() async -> [Item] {
    await withCheckedContinuation { waiter in
      state.withLock { state in
        if state.items.isEmpty {
          state.waiter = waiter
        } else {
          waiter.resume(returning: state.items)
          state.items = []
        }
      }
    }
  }
}
