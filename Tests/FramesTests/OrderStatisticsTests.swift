import TestSupport
import Testing

@testable import Frames

/// Values by their place, and what is clipped at them, beside sorting.
@Suite struct OrderStatisticsTests {
  /// Close together, far apart, and in a few heaps far from each other.
  private static func values(_ seed: Int, _ random: inout SeededGenerator) -> [Int64] {
    let count = [1, 2, 1000, 1025, 5000].randomElement(using: &random) ?? 1
    return (0..<count).map { _ in
      switch seed % 4 {
      case 0: Int64.random(in: -50...50, using: &random)
      case 1: Int64.random(in: .min ... .max, using: &random)
      case 2: [.min, -1, 7, .max].randomElement(using: &random) ?? 0
      default:
        Int64.random(in: 0...3, using: &random) << 60 + Int64.random(in: 0...9, using: &random)
      }
    }
  }

  @Test(arguments: 0..<24) func `values are those of the sorted ones`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let values = Self.values(seed, &random)
    let sorted = values.sorted()
    for _ in 0..<20 {
      let place = Int.random(in: values.indices, using: &random)
      #expect(OrderStatistics.value(at: place, of: values) == sorted[place])
    }
  }

  /// Rows that do not count take no part in the quantiles, as if they were not there.
  @Test(arguments: 0..<24) func `clipping heeds the counted rows alone`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let values = Self.values(seed, &random).map {
      Int.random(in: 0..<9, using: &random) == 0 ? nil : $0
    }
    let counted = values.map { _ in Bool.random(using: &random) }
    let column = KernelTests.column(values)
    let rows = counted.indices.filter { counted[$0] }.map { Int32($0) }
    for (lower, upper) in [(0.0, 0.999), (0.1, 0.6), (0.25, 1)] {
      let apart = column.taking(rows).clipped(from: lower, to: upper)
      let together = column.clipped(from: lower, to: upper, of: counted)
      #expect(
        KernelTests.integers(together.column.taking(rows)) == KernelTests.integers(apart.column))
      #expect(together.changed == apart.changed)
    }
  }

  @Test func `frames are joined in their order`() {
    let parts = [
      KernelTests.frame([1, nil], ["x", "y"]), KernelTests.frame([], []),
      KernelTests.frame([3], [nil]),
    ]
    let whole = Frame.concatenating(parts)
    #expect(KernelTests.integers(whole?["a"]) == [1, nil, 3])
    #expect(KernelTests.texts(whole?["b"]) == ["x", "y", nil])
    #expect(whole?.schema.names == ["a", "b"])
    // The parts stay as they are for who holds them.
    #expect(KernelTests.integers(parts[2]["a"]) == [3])
  }
}
