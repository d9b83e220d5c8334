import TestSupport
import Testing

@testable import Stages

@Suite struct SeedStabilityTests {
  @Test func `counts who would be another`() {
    let margins = (0..<100).map { Float($0) }
    let same = SeedStability(margins, margins)
    #expect(same.count == 10 && same.others == 0)
    #expect(same.note == "with another seed 0 of the 10 riskiest that validate would be others")
    #expect(same.warning == nil)
    // The three riskiest fall to the end.
    var moved = margins
    for row in 97..<100 { moved[row] = -1 }
    let other = SeedStability(margins, moved)
    #expect(other.others == 3 && other.note == nil)
    #expect(
      other.warning?.hasPrefix(
        "with another seed 3 of the 10 riskiest that validate would be others")
        == true)
  }

  /// Ties are broken alike, so that equal scores change nothing.
  @Test func `ties change nobody`() {
    #expect(
      SeedStability([Float](repeating: 1, count: 57), [Float](repeating: 2, count: 57)).others == 0)
    #expect(SeedStability([], []).others == 0)
  }

  /// Of models that know nothing of each other a tenth agrees.
  @Test func `chance is warned of`() {
    var random = SeededGenerator(seed: 3)
    func chance() -> [Float] { (0..<2000).map { _ in Float.random(in: 0..<1, using: &random) } }
    let stability = SeedStability(chance(), chance())
    #expect((150...195).contains(stability.others), "\(stability.others)")
    #expect(stability.warning != nil)
  }
}
