import ArgumentParser
import PostgresClient
import State

/// The run that a command looks at.
struct RunArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("The run's number; the latest when left out.", valueName: "run"))
  var id: Int?

  /// Its number.
  func resolved(in store: RunStore) async throws -> Int {
    if let id { return id }
    guard let latest = try await store.runs(limit: 1).first else {
      throw CommandFailure("there are no runs yet", .stageFailed)
    }
    return latest.id
  }

  /// Its number; asks only where it was not given.
  func resolved(in state: ConnectionString) async throws -> Int {
    if let id { return id }
    let store = try await RunStore.open(state)
    let latest = try await resolved(in: store)
    await store.close()
    return latest
  }
}

/// The run that a command changes.
struct RunNumber: ParsableArguments {
  @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
  var id: Int
}
