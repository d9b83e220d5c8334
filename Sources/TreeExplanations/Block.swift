import CTreeKernels

/// A block of rows as columns, with what the kernel needs beside them. One thread's own.
final class Block {
  static let rowCount = Int(TE_ROWS)
  private static let alignment = 64

  private let featureCount: Int
  /// Values with missing ones −infinity, and with missing ones +infinity: each split then compares
  /// once, with the column that sends missing values its way.
  private let low, high: UnsafeMutablePointer<Float>
  private let partial, scratch: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Double>

  init(featureCount: Int, scratchSize: Int) {
    self.featureCount = featureCount
    let count = featureCount * Self.rowCount
    low = Self.allocate(count)
    high = Self.allocate(count)
    partial = Self.allocate(count)
    scratch = Self.allocate(scratchSize)
    sums = UnsafeMutablePointer.allocate(capacity: count)
  }

  deinit {
    for pointer in [low, high, partial, scratch] { UnsafeMutableRawPointer(pointer).deallocate() }
    sums.deallocate()
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: alignment)
      .bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// Fills the columns; rows beyond `count` are zeros.
  func load(_ rows: UnsafeBufferPointer<Float>, first: Int, count: Int) {
    for feature in 0..<featureCount {
      let column = feature * Self.rowCount
      for row in 0..<count {
        let value = rows[(first + row) &* featureCount &+ feature]
        let isMissing = value.isNaN
        low[column &+ row] = isMissing ? -.infinity : value
        high[column &+ row] = isMissing ? .infinity : value
      }
      for row in count..<Self.rowCount {
        low[column + row] = 0
        high[column + row] = 0
      }
    }
  }

  func explain(_ trees: KernelTrees, _ kernel: te_kernel) {
    sums.update(repeating: 0, count: featureCount * Self.rowCount)
    te_explain(
      kernel, trees.trees, trees.weights, Int32(trees.count), Int32(featureCount), low, high,
      partial, sums, scratch)
  }

  func store(
    into result: UnsafeMutableBufferPointer<Float>, first: Int, count: Int, bias: Float
  ) {
    let width = featureCount + 1
    for row in 0..<count {
      let base = (first + row) * width
      for feature in 0..<featureCount {
        result[base &+ feature] = Float(sums[feature &* Self.rowCount &+ row])
      }
      result[base + featureCount] = bias
    }
  }
}
