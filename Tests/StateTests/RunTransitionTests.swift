import Testing

@testable import State

/// The lives of runs and stages, without a database.
@Suite struct RunTransitionTests {
  @Test func `every state has a way out, and ends where nothing is left to do`() {
    for state in RunState.allCases {
      let ways = RunTransition.allCases.compactMap { $0.state(after: state) }
      #expect(ways.isEmpty == (state == .succeeded), "\(state)")
      #expect(!ways.contains(state))
    }
    for state in StageState.allCases {
      let ways = StageTransition.allCases.filter { $0 != .reset }
        .compactMap { $0.state(after: state) }.filter { $0 != state }
      #expect(
        ways.isEmpty == [.succeeded, .failed, .skipped, .cancelled].contains(state), "\(state)")
    }
  }

  @Test func `success can be reached from every state`() {
    for start in RunState.allCases {
      var reached: Set<RunState> = [start]
      while true {
        let next = reached.union(
          reached.flatMap { state in RunTransition.allCases.compactMap { $0.state(after: state) } })
        if next == reached { break }
        reached = next
      }
      #expect(reached.contains(.succeeded), "\(start)")
    }
  }

  @Test func `only its owner moves a running run, except that anyone sees it lost`() {
    for transition in RunTransition.allCases where transition.state(after: .running) != nil {
      #expect(transition.mover == (transition == .lose ? .anyone : .owner))
    }
    // Nobody owns a run that does not run, so whoever moves it takes the lock and changes the token.
    for state in RunState.allCases where state != .running {
      for transition in RunTransition.allCases where transition.state(after: state) != nil {
        #expect(transition.mover == .taker)
      }
    }
  }

  @Test func `one that lost its lock finds no transition by which it could publish`() {
    let afterLoss = RunTransition.lose.target
    for transition in RunTransition.allCases where transition.mover == .owner {
      #expect(transition.state(after: afterLoss) == nil)
    }
  }

  @Test func `random lives keep to the table`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      var state = RunState.running
      var hasSucceeded = false
      for _ in 0..<50 {
        guard let transition = RunTransition.allCases.randomElement(using: &random),
          let next = transition.state(after: state)
        else { continue }
        #expect(!hasSucceeded, "nothing happens to a run that succeeded")
        if state == .running, next == .running { Issue.record("it was running") }
        state = next
        hasSucceeded = state == .succeeded
      }
    }
  }
}
