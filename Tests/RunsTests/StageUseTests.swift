import Synchronization
import Testing

@testable import Runs

struct StageUseTests {
  /// A clock that a test moves on.
  private final class Clock: Sendable {
    private let now = Mutex(100.0)

    var seconds: Double { now.withLock { $0 } }
    func pass(_ seconds: Double) { now.withLock { $0 += seconds } }
  }

  @Test func `stages side by side share what passes meanwhile, and nothing is counted twice`() {
    let clock = Clock()
    var use = StageUse { clock.seconds }
    clock.pass(5)
    use.begin("a")
    clock.pass(1)
    use.begin("b")
    clock.pass(4)
    #expect(use.end("a") == 3)
    clock.pass(8)
    use.begin("c")
    clock.pass(2)
    #expect(use.end("b") == 11)
    #expect(use.end("c") == 1)
  }
}
