import Inspection
import PostgresClient
import State

/// The figures about runs as they are now. Whoever asks while others wait gets the same answer, so
/// that any number of scrapes is one session with the database.
actor MetricsFeed {
  private let database: ConnectionString
  private var reading: Task<String, any Error>?

  init(_ database: ConnectionString) { self.database = database }

  /// In the text format of Prometheus.
  /// - Throws: `PostgresError`, `StateError.newer`, `StateError.older`.
  func text() async throws -> String {
    if let reading { return try await reading.value }
    let task = Task { [database] in try await Self.read(database) }
    reading = task
    defer { reading = nil }
    return try await task.value
  }

  private static func read(_ database: ConnectionString) async throws -> String {
    let store = try await RunStore.open(database)
    do {
      let text = try await RunMetrics(store).text
      await store.close()
      return text
    } catch {
      await store.close()
      throw error
    }
  }
}
