import Cryptography
import Testing

@testable import Stages

@Suite struct HoldoutTests {
  @Test func `the share is close to what was asked`() {
    for share in [0.1, 0.5] {
      let holdout = Holdout(key: "key", share: share)
      let count = (0..<100_000).count { holdout.holdsOut("\($0)", from: "win_back") }
      // Four standard deviations of a binomial.
      let deviation = (100_000 * share * (1 - share)).squareRoot()
      #expect(abs(Double(count) - 100_000 * share) < 4 * deviation, "\(share): \(count)")
    }
  }

  @Test func `the choice is stable`() {
    let holdout = Holdout(key: "key", share: 0.1)
    let again = Holdout(key: "key", share: 0.1)
    let first = (0..<2000).filter { holdout.holdsOut("\($0)", from: "c") }
    #expect(first == (0..<2000).filter { again.holdsOut("\($0)", from: "c") })
    // As computed outside, with HMAC-SHA256("key", "c" + id) and its first eight bytes below a tenth
    // of 2^64.
    #expect(Array(first.prefix(8)) == [8, 32, 53, 54, 61, 62, 72, 76])
    // A larger share holds out the same ones and more.
    let larger = Holdout(key: "key", share: 0.2)
    #expect(first.allSatisfy { larger.holdsOut("\($0)", from: "c") })
  }

  @Test func `keys and campaigns choose on their own`() {
    let ids = (0..<20_000).map { "\($0)" }
    func held(_ key: String, _ campaign: String) -> Set<String> {
      let holdout = Holdout(key: key, share: 0.1)
      return Set(ids.filter { holdout.holdsOut($0, from: campaign) })
    }
    let first = held("key", "a")
    for other in [held("other", "a"), held("key", "b")] {
      // Of two independent tenths a tenth of each is common.
      #expect((120...280).contains(first.intersection(other).count))
    }
  }

  @Test func `the ends are exact`() {
    let (none, all) = (Holdout(key: "k", share: 0), Holdout(key: "k", share: 1))
    for id in 0..<1000 {
      #expect(!none.holdsOut("\(id)", from: "c"))
      #expect(all.holdsOut("\(id)", from: "c"))
    }
  }
}
