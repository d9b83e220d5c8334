import Glibc

/// Values of a column that is being read. Large ones grow in place, without a second copy.
final class GrowingBuffer<Value: BitwiseCopyable> {
  private var values: UnsafeMutablePointer<Value>?
  private var capacity = 0
  private(set) var count = 0

  deinit { free(values) }

  /// Room for more values, which the caller fills.
  func extend(by more: Int) -> UnsafeMutablePointer<Value> {
    if count + more > capacity || values == nil {
      capacity = max(count + more, capacity + capacity / 2, 1024)
      guard let grown = realloc(values, capacity * MemoryLayout<Value>.stride) else {
        fatalError("out of memory for a column of \(capacity) rows")
      }
      values = grown.assumingMemoryBound(to: Value.self)
    }
    defer { count += more }
    return values! + count
  }

  /// The values; the buffer is empty afterwards.
  func take() -> [Value] {
    defer {
      free(values)
      values = nil
      capacity = 0
      count = 0
    }
    return Array(UnsafeBufferPointer(start: values, count: count))
  }
}
