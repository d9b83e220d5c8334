import Foundation
import Synchronization

/// Shares numbered pieces of work among threads.
enum ParallelBlocks {
  /// Calls `body` on each of some threads, the caller's among them, with what hands out the next
  /// piece; returns when all are done.
  static func forEach(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (_ take: () -> Int?) -> Void
  ) {
    let hand = Hand(count)
    let helpers = max(0, min(threads, count) - 1)
    let done = DispatchSemaphore(value: 0)
    for _ in 0..<helpers {
      Thread.detachNewThread {
        body { hand.next() }
        done.signal()
      }
    }
    body { hand.next() }
    for _ in 0..<helpers { done.wait() }
  }

  private final class Hand: Sendable {
    private let taken = Atomic<Int>(0)
    private let count: Int

    init(_ count: Int) { self.count = count }

    func next() -> Int? {
      let place = taken.add(1, ordering: .relaxed).oldValue
      return place < count ? place : nil
    }
  }
}
