import Testing

@testable import DemoShop

@Suite struct RandomTests {
  /// The first outputs of the authors' xoshiro256plusplus.c from this state.
  @Test func `follows the published generator`() {
    var random = Random(state: (1, 2, 3, 4))
    let values = (0..<4).map { _ in random.next() }
    #expect(values == [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386])
  }

  @Test func `streams differ`() {
    var seen: Set<UInt64> = []
    for purpose in [Random.Purpose.traits, .life, .dirt] {
      for user in Int64(1)...1000 {
        var random = Random(seed: 7, purpose: purpose, number: user)
        seen.insert(random.next())
      }
    }
    #expect(seen.count == 3000)
  }

  /// Mean and variance of a gamma variable of scale 1 are its shape, on either side of 1.
  @Test(arguments: [0.5, 0.9, 1.5, 4]) func `gamma has its moments`(shape: Double) {
    var random = Random(seed: 1, purpose: .market)
    let values = (0..<50_000).map { _ in random.gamma(shape: shape) }
    let mean = values.reduce(0, +) / 50_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50_000
    #expect(abs(mean - shape) < 0.04 * max(1, shape))
    #expect(abs(variance - shape) < 0.1 * max(1, shape))
  }

  @Test func `index follows weights`() {
    var random = Random(seed: 1, purpose: .market)
    var counts = [0, 0, 0]
    for _ in 0..<40_000 { counts[random.index(weights: [1, 0, 3])] += 1 }
    #expect(abs(counts[0] - 10_000) < 400)
    #expect(counts[1] == 0)
  }
}
