/// Bytes on their way to the server, numbers in network order.
struct CopyBuffer: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  /// How many bytes are sent at once: larger pieces were not faster.
  static let flushSize = 256 << 10

  init() {
    memory = .allocate(byteCount: Self.flushSize + 4096, alignment: 8)
  }

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  mutating func removeAll() { count = 0 }

  @inline(__always)
  mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    let size = MemoryLayout<Value>.size
    if count + size > memory.count { grow(toFit: size) }
    memory.storeBytes(of: value.bigEndian, toByteOffset: count, as: Value.self)
    count += size
  }

  /// Appends a value with its length in front, as every value of a row has.
  @inline(__always)
  mutating func appendField<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    append(Int32(MemoryLayout<Value>.size))
    append(value)
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if count + bytes.count > memory.count { grow(toFit: bytes.count) }
    UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + bytes.count])
      .copyMemory(from: bytes)
    count += bytes.count
  }

  private mutating func grow(toFit size: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(2 * memory.count, count + size), alignment: 8)
    larger.copyMemory(from: bytes)
    memory.deallocate()
    memory = larger
  }
}
