import Foundation
import PostgresClient
import Runs
import Synchronization
import TestSupport
import Testing

/// Runs over a source that others empty, rewrite, swap, attach to and refresh all the time: each
/// publishes exactly what its snapshot had, or fails and says why.
///
/// ROOST_CHAOS_READING sets how many runs there are. `make soak PART=reading` makes 500.
@Suite(.serialized) struct ReadingChaosTests {
  private static let count =
    ProcessInfo.processInfo.environment["ROOST_CHAOS_READING"].flatMap(Int.init) ?? 12

  @Test func `what changes while it is read is read whole or not at all`() async throws {
    try await withProject { project in
      try await project.sql(ReadingShop.schema)
      try await Self.run(Self.count, project, source: project.database.connectionString, "direct")
    }
  }

  @Test(.enabled(if: Pooler.isThere))
  func `the same behind a pool of transactions`() async throws {
    try await withProject { project in
      try await project.sql(ReadingShop.schema)
      try await Pooler.with(.transaction, size: 6) { pooler in
        var project = project
        let user = project.role?.name ?? "postgres"
        project.environment["SHOP_DATABASE_URL"] = pooler.url(of: project.database, user: user)
        try await Self.run(
          max(3, Self.count / 5), project, source: project.database.connectionString, "pooled")
      }
    }
  }

  @Test func `the same on a standby that conflicts and lags`() async throws {
    try await DurableCluster.with { primary in
      let source = try await primary.makeDatabase("chaos")
      try await source.connection.execute(
        script: "CREATE ROLE reader LOGIN IN ROLE pg_read_all_data;" + ReadingShop.schema)
      try await primary.withStandby { standby in
        try await withProject { project in
          var project = project
          project.environment["SHOP_DATABASE_URL"] =
            "postgresql:///chaos?host=\(standby)&port=5432&user=reader"
          try await Self.run(
            max(3, Self.count / 5), project, source: source.connectionString, "standby")
        }
      }
    }
  }

  /// How long a session waits at most before its next change, in milliseconds.
  private static let pause = 600

  /// Makes runs one after the other while sessions change the source.
  private static func run(
    _ count: Int, _ project: TestProject, source: ConnectionString, _ what: String
  ) async throws {
    try project.write(
      TestProject.pipeline,
      "pipeline: test\nretry: { attempts: 4, delay: 1s, longest: 1s }\nstages:\n"
        + ReadingShop.stages + "\n")
    let tally = Tally()
    let began = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (place, name) in ReadingShop.names.enumerated() {
        group.addTask {
          var random = SeededGenerator(seed: UInt64(place))
          let other = try await PostgresConnection.connect(to: source)
          while !Task.isCancelled {
            do {
              try await other.execute(script: ReadingShop.change(name, &random))
              tally.count("changes")
            } catch {
              if Task.isCancelled { break }
              // What it began is rolled back; the ledger with it.
              try? await other.execute(script: "ROLLBACK")
              tally.count("changes refused")
              Issue.record("\(name): \(error)")
            }
            // Time enough to open a snapshot between two changes of a table, at times.
            let pause = Int.random(in: 0...pause, using: &random)
            try? await Task.sleep(for: .milliseconds(pause))
          }
          await other.close()
        }
      }
      defer { group.cancelAll() }
      for _ in 0..<count {
        tally.count(try await outcome(of: project))
      }
    }
    let seconds = Int((ContinuousClock.now - began) / .seconds(1))
    print("reading chaos, \(what), \(seconds) s: \(tally.text)")
    // Once nobody changes anything any more, the same is published.
    #expect(try await outcome(of: project).hasPrefix("published"))
  }

  private static func outcome(of project: TestProject) async throws -> String {
    let checked = try await project.check()
    guard let pipeline = checked.pipeline, checked.errors.isEmpty else {
      #expect(!checked.text.isEmpty)
      return "refused by check"
    }
    var request = pipeline.request(environment: .standard, publishes: true)
    for name in request.connections.keys { request.connections[name]?.leastPages = 8 }
    let notes = Mutex(0)
    let outcome = try await RunExecutor(request) { event in
      if case .began(_, let attempt) = event, attempt > 1 { notes.withLock { $0 += 1 } }
    }.run()
    guard outcome.state == .succeeded else {
      #expect(outcome.error?.isEmpty == false)
      print("reading chaos: \(outcome.error ?? "")")
      return "failed"
    }
    for name in ReadingShop.names {
      let found = try await project.texts(
        """
        SELECT concat(count(*), ' ', coalesce(sum(id), 0)) FROM marketing.\(name)_current
        UNION ALL SELECT concat(rows, ' ', total) FROM marketing.ledger_current WHERE name = '\(name)'
        """)
      #expect(found.count == 2 && found.first == found.last, "\(name): \(found)")
    }
    #expect(try await project.count("marketing.slow_current") == 2)
    return notes.withLock { $0 } > 0 ? "published after another attempt" : "published"
  }
}

/// How often what happened, counted from any thread.
private final class Tally: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  @discardableResult
  func count(_ key: String) -> Int {
    counts.withLock { counts in
      counts[key, default: 0] += 1
      return counts[key] ?? 0
    }
  }

  subscript(key: String) -> Int { counts.withLock { $0[key] ?? 0 } }

  var text: String {
    counts.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }
}
