import Foundation
import PostgresClient
import TestSupport
import Testing

/// Runs that are killed at every transition and at random instants, and databases that go away: a
/// resumed run ends with the tables of one that nothing disturbed, and leaves nothing behind.
///
/// ROOST_CHAOS sets how many runs are to be ended so; `make soak PART=kills` ends 200.
@Suite(.serialized) struct ChaosTests {
  private static let struck =
    ProcessInfo.processInfo.environment["ROOST_CHAOS"].flatMap(Int.init) ?? 12

  @Test func `struck runs end with the tables of an undisturbed one`() async throws {
    try await ChaosShop.with { shop in
      var shop = shop
      var random = SeededGenerator(seed: UInt64(Self.struck))
      var struck = 0
      var blows = 0
      func strike(_ blow: Blow) async throws {
        blows += 1
        if try await shop.strike(blow) { struck += 1 }
      }
      let began = ContinuousClock.now
      for blow in [Blow.second, .fullDisk, .fullServer, .cutCopy] { try await strike(blow) }
      let transitions =
        Self.struck < 100
        ? Array(shop.transitions.shuffled(using: &random).prefix(4)) : shop.transitions
      for blow in transitions { try await strike(blow) }
      // At random instants, earlier ones where a run was done before.
      var latest = 0.9
      while struck < Self.struck, blows < 3 * Self.struck {
        let (part, before) = (Double.random(in: 0...latest, using: &random), struck)
        try await strike(blows % 4 == 3 ? .crash(after: part) : .kill(after: part))
        if struck == before { latest *= 0.9 }
      }
      #expect(struck >= Self.struck)
      print(
        "chaos: \(blows) blows, \(struck) of them ended a run, in "
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
      for _ in 0..<max(3, Self.struck / 10) {
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
