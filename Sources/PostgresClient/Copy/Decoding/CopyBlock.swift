/// Bytes of whole messages of a COPY, one after the other.
final class CopyBlock: @unchecked Sendable {
  // Used by one thread at a time, which hands it on as a whole.
  private var memory = UnsafeMutableRawBufferPointer.allocate(
    byteCount: CopyBlock.fullSize + 65_536 + CopyBlock.padding, alignment: 16)
  private(set) var count = 0

  /// A block of this size is decoded: it stays in a core's cache between reading and decoding.
  static let fullSize = 512 << 10
  /// Readable bytes behind the last, so that short values can be loaded as words.
  static let padding = 16

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }
  var isFull: Bool { count >= Self.fullSize }

  func append(_ message: UnsafeRawPointer, count size: Int) {
    if count + size + Self.padding > memory.count { grow(toFit: size) }
    (memory.baseAddress! + count).copyMemory(from: message, byteCount: size)
    count += size
  }

  func removeAll() { count = 0 }

  private func grow(toFit size: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(2 * memory.count, count + size + Self.padding), alignment: 16)
    larger.copyMemory(from: bytes)
    memory.deallocate()
    memory = larger
  }
}
