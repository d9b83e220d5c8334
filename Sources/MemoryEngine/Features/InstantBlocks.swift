/// The least and the greatest instant of each block of rows. Rows mostly come in the order of time, and
/// blocks that lie outside of a window are passed over.
struct InstantBlocks: Sendable {
  private static let size = 4096

  private let rowCount: Int
  private var spans: [ClosedRange<Int64>] = []

  init(_ instants: [Int64]) {
    rowCount = instants.count
    instants.withUnsafeBufferPointer { instants in
      for start in stride(from: 0, to: instants.count, by: Self.size) {
        var (least, greatest) = (Int64.max, Int64.min)
        for row in start..<min(start + Self.size, instants.count) {
          least = min(least, instants[row])
          greatest = max(greatest, instants[row])
        }
        spans.append(least...greatest)
      }
    }
  }

  /// The rows of the blocks that may have instants from `start` on and before `end`.
  func rows(from start: Int64, until end: Int64) -> [Range<Int>] {
    spans.indices.filter { spans[$0].lowerBound < end && spans[$0].upperBound >= start }
      .map { $0 * Self.size..<min(($0 + 1) * Self.size, rowCount) }
  }
}
