import ArgumentParser
import State

struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring schema roost of the state database up to this version.",
    discussion: """
      Commands that make runs do it by themselves; those that only ask never do, so that they need \
      no more than the right to read. Do it beforehand where a role with more rights has to, or to see \
      what will be done: --dry-run prints the SQL and changes nothing.

        roost migrate --dry-run
        roost migrate
      """)

  @OptionGroup var project: ProjectOptions

  @Flag(help: "Only print the SQL that would be run.")
  var dryRun = false

  func run() async throws {
    let database = try project.stateDatabase()
    let lag =
      dryRun
      ? try await StateSchema.lag(in: database) : try await StateSchema.migrate(database)
    guard lag.found < lag.known else {
      return Console.note("schema roost has version \(lag.known) already")
    }
    guard dryRun else {
      return Console.note(
        lag.found == 0
          ? "schema roost is made, of version \(lag.known)"
          : "schema roost is of version \(lag.known) now; it was \(lag.found)")
    }
    for script in lag.scripts { Console.data(script + "\n") }
    Console.note(
      (lag.found == 0
        ? "there is no schema roost yet" : "schema roost has version \(lag.found)")
        + "; roost migrate brings it to \(lag.known)")
  }
}
