import Foundation

/// Hands items from one thread to another in their order. Who takes waits for an item, who gives waits
/// while `capacity` of them were not taken.
public final class Handover<Item: Sendable>: @unchecked Sendable {
  // All state is used under the condition's lock.
  private let condition = NSCondition()
  private let capacity: Int
  private var items: [Item] = []
  private var isClosed = false

  public init(capacity: Int) { self.capacity = capacity }

  /// Gives an item; where the handover is closed, it is dropped.
  public func give(_ item: Item) {
    condition.lock()
    defer { condition.unlock() }
    while items.count >= capacity, !isClosed { condition.wait() }
    if isClosed { return }
    items.append(item)
    condition.broadcast()
  }

  /// The next item; nil where the handover is closed and none is left.
  public func take() -> Item? {
    condition.lock()
    defer { condition.unlock() }
    while items.isEmpty, !isClosed { condition.wait() }
    guard !items.isEmpty else { return nil }
    let item = items.removeFirst()
    condition.broadcast()
    return item
  }

  /// No more is given. What was given can still be taken.
  public func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }
}
