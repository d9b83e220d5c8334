import Foundation
import Synchronization

/// Numbered pieces of work that several threads share.
public enum SharedWork {
  /// Calls `body` on each of some threads, the caller's among them, with what hands out the next
  /// piece; returns when all are done. Blocks the caller's thread.
  /// - Throws: the first error that a thread met. No further pieces are handed out after it.
  public static func forEach(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (_ take: () -> Int?) throws -> Void
  ) throws {
    let hand = Hand(count)
    let helpers = max(0, min(threads, count) - 1)
    let done = DispatchSemaphore(value: 0)
    for _ in 0..<helpers {
      NewThread.start(named: "roost shared") {
        hand.work(body)
        done.signal()
      }
    }
    hand.work(body)
    for _ in 0..<helpers { done.wait() }
    if let error = hand.error { throw error }
  }

  private final class Hand: Sendable {
    private let taken = Atomic<Int>(0)
    private let failure = Mutex<(any Error)?>(nil)
    private let count: Int

    init(_ count: Int) { self.count = count }

    var error: (any Error)? { failure.withLock { $0 } }

    func work(_ body: (_ take: () -> Int?) throws -> Void) {
      do {
        try body(next)
      } catch {
        taken.store(count, ordering: .relaxed)
        failure.withLock { $0 = $0 ?? error }
      }
    }

    private func next() -> Int? {
      let place = taken.add(1, ordering: .relaxed).oldValue
      return place < count ? place : nil
    }
  }
}
