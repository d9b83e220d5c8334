import Foundation

/// Seconds of the fastest of some goes: what disturbs a short measurement only ever makes it slower.
func fastest(of goes: Int = 5, _ body: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<goes {
    let start = ContinuousClock.now
    try body()
    best = min(best, (ContinuousClock.now - start) / .seconds(1))
  }
  return best
}

/// Keeps a result alive, so that the optimizer cannot leave out the work that makes it.
@inline(never) @_optimize(none)
func keep<Value>(_ value: borrowing Value) {}

/// A table in Markdown with a line that says what its figures mean.
struct Figures {
  let title: String
  let meaning: String
  let header: [String]
  var rows: [[String]] = []

  var markdown: String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
    let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
    return (["### \(title)", "", meaning, "", line(header), line(rule)] + rows.map(line))
      .joined(separator: "\n")
  }

  /// A row of a kernel beside its baseline, both in seconds for `count` things.
  mutating func add(_ name: String, count: Int, _ seconds: Double, _ baseline: Double) {
    rows.append([
      name, text(Double(count) / seconds / 1e6), text(Double(count) / baseline / 1e6),
      text(seconds / baseline),
    ])
  }
}

/// Three significant digits.
func text(_ value: Double) -> String {
  let digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
  return String(format: "%.\(digits)f", value)
}

/// Numbers that are the same in every run (SplitMix64).
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// From 0 to 1.
  mutating func share() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
