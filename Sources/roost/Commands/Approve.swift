import ArgumentParser
import Diagnostics
import Runs
import State

struct Approve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Publish what a held run has loaded.",
    discussion: """
      A run is held where its publication would change more than max_change allows, or where what a \
      write stage expects of its rows does not hold. Nothing of it is visible, and the last publication \
      stays. Look at what it would change with roost diff, then approve it, or let it go with roost \
      cancel. The pipeline's files are not needed.

        roost diff 7
        roost approve 7
      """)

  @OptionGroup var chosen: RunNumber

  @OptionGroup var project: ProjectOptions

  @Flag(help: "Publish it although a later as-of is shown: readers go back to this one.")
  var overNewer = false

  func run() async throws {
    let id = chosen.id
    let state = try project.stateDatabase()
    try await HeldRuns(state) { event in
      if case .note(let note) = event { Console.note("  \(note)") }
    }.approve(id, by: Person.name, overNewer: overNewer)
    Console.note("run \(id) is published")
    await Console.showTables(of: id, state)
  }
}

struct Cancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "End a run: one under way, or one that is held.",
    discussion: """
      A run under way ends within seconds; roost retry goes on with it. A held one is let go, with \
      the rows that it has loaded: see roost help approve. What is published stays as it is.
      """)

  @OptionGroup var chosen: RunNumber

  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let id = chosen.id
    switch try await HeldRuns(try project.stateDatabase()).cancel(id, by: Person.name) {
    case .letGo: Console.note("run \(id) is cancelled; what it had loaded is gone")
    case .asked: Console.note("run \(id) is asked to end; see: roost show \(id)")
    }
  }
}
