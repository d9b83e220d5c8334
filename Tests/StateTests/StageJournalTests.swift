import Testing

@testable import State

/// What is noted of stages until it is stored.
@Suite struct StageJournalTests {
  @Test func `what cannot happen to a stage is refused, and leaves nothing behind`() throws {
    var journal = StageJournal(["kept": .succeeded])
    for (transition, stage) in [(StageTransition.finish, "new"), (.begin, "kept"), (.fail, "kept")]
    {
      let error = #expect(throws: ImpossibleTransition.self) {
        try journal.note(transition, of: stage)
      }
      #expect(error.map { "\($0)" }?.contains("'\(transition.rawValue)' cannot happen") == true)
    }
    #expect(journal.take() == nil)
    try journal.note(.begin, of: "new")
    try journal.note(.pause, of: "new", error: "busy")
    try journal.note(.begin, of: "new")
    #expect(throws: ImpossibleTransition.self) { try journal.note(.skip, of: "new") }
    try journal.note(.finish, of: "new")
    #expect(journal.take() != nil)
    #expect(journal.take() == nil)
  }
}
