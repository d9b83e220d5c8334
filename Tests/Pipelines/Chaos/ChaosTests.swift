import Foundation
import PostgresClient
import TestSupport
import Testing

/// Runs that are killed at every transition and at random instants, and databases that go away: a
/// resumed run ends with the tables of one that nothing disturbed, and leaves nothing behind.
///
/// ROOST_CHAOS sets how many blows there are; `make chaos` strikes 200 times.
@Suite(.serialized) struct ChaosTests {
  private static let blows =
    ProcessInfo.processInfo.environment["ROOST_CHAOS"].flatMap(Int.init) ?? 12

  @Test func `struck runs end with the tables of an undisturbed one`() async throws {
    try await ChaosShop.with { shop in
      var shop = shop
      var random = SeededGenerator(seed: UInt64(Self.blows))
      var blows: [Blow] = [.second, .fullDisk, .fullServer, .cutCopy]
      blows +=
        Self.blows < 100
        ? shop.transitions.shuffled(using: &random).prefix(4).map { $0 }
        : shop.transitions
      var turn = 0
      while blows.count < Self.blows {
        let part = Double.random(in: 0...0.9, using: &random)
        blows.append(turn % 4 == 3 ? .crash(after: part) : .kill(after: part))
        turn += 1
      }
      var struck = 0
      let began = ContinuousClock.now
      for blow in blows where try await shop.strike(blow) { struck += 1 }
      print(
        "chaos: \(blows.count) blows, \(struck) of them ended a run, in "
          + "\(Int((ContinuousClock.now - began) / .seconds(1))) s; \(shop.transitions.count) transitions"
      )
    }
  }

  @Test func `runs over a source that keeps changing never mix two instants`() async throws {
    try await ChaosShop.with { shop in
      let changing = Task {
        let connection = try await shop.project.database.connect()
        var next = 1000
        while !Task.isCancelled {
          do {
            try await connection.execute(
              script: """
                BEGIN;
                INSERT INTO shop.twins VALUES (\(next + 1));
                INSERT INTO shop.other_twins VALUES (\(next + 1));
                COMMIT;
                """)
            next += 1
          } catch {
            // It is told to stop in the middle of a statement, as a rule.
            if !Task.isCancelled { throw error }
          }
        }
        await connection.close()
        return next
      }
      var random = SeededGenerator(seed: 5)
      for _ in 0..<max(3, Self.blows / 10) {
        let running = try shop.start("run")
        try await Task.sleep(
          for: .seconds(shop.seconds * Double.random(in: 0.2...1, using: &random)))
        running.kill()
        _ = try await running.result()
        let resumed = try await shop.start("run", resumes: true).result()
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(
          try await shop.project.texts(
            """
            SELECT id FROM marketing.twins_current FULL JOIN marketing.other_twins_current o USING (id)
            WHERE marketing.twins_current.run_id IS NULL OR o.run_id IS NULL
            """) == [])
      }
      changing.cancel()
      #expect(try await changing.value > 1001)
    }
  }
}
