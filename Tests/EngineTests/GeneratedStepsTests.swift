import Relations
import Testing

@testable import EngineConformance

@Suite struct GeneratedStepsTests {
  /// One for each case of `RowStep`; the compiler asks for those that are new.
  private enum Kind: CaseIterable {
    case deduplicate, reject, assign, read, map, normalize, clip, fill, compare, hash, sequence

    init(_ step: RowStep) {
      switch step {
      case .deduplicate: self = .deduplicate
      case .reject: self = .reject
      case .assign: self = .assign
      case .read: self = .read
      case .map: self = .map
      case .normalize: self = .normalize
      case .clip: self = .clip
      case .fill: self = .fill
      case .compare: self = .compare
      case .hash: self = .hash
      case .sequence: self = .sequence
      }
    }
  }

  @Test func `every step is made by the generator, so that engines are compared by it`() {
    var made: Set<Kind> = []
    for seed in 1...300 {
      var generator = CaseGenerator(seed: UInt64(seed))
      let shape = generator.orders("orders").shape
      for _ in 0..<4 { generator.step(shape).map { _ = made.insert(Kind($0)) } }
    }
    #expect(made == Set(Kind.allCases), "teach StepGenerator.step those that are missing")
  }
}
