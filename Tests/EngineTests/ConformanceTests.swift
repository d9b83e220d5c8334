import EngineConformance
import Foundation
import TestSupport
import Testing

/// Plans mean one thing: what the memory engine makes of them is what Postgres makes of the SQL that is
/// printed of them.
///
/// ROOST_ENGINE_PLANS sets how many plans of each kind there are; ROOST_SEED where they begin.
@Suite struct ConformanceTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let count = environment["ROOST_ENGINE_PLANS"].flatMap(UInt64.init) ?? 150
  private static let first = environment["ROOST_SEED"].flatMap(UInt64.init) ?? 1

  @Test(arguments: CaseGenerator.Kind.allCases)
  func `the rows of a plan are those of its SQL`(kind: CaseGenerator.Kind) async throws {
    try await withDatabase { database in
      let tally = try await EngineConformance.exercise(
        MemoryEngineUnderTest(), against: PostgresUnderTest(database: database.connection), kind,
        seeds: Self.first..<Self.first + Self.count)
      print("engines, \(kind.rawValue): \(tally)")
      #expect(tally.plans > Int(Self.count) / 3, "\(tally)")
      #expect(tally.rows > 0)
    }
  }

  @Test func `what is measured for a check is what its SQL measures`() async throws {
    try await withDatabase { database in
      let tally = try await EngineConformance.exerciseChecks(
        MemoryEngineUnderTest(), against: PostgresUnderTest(database: database.connection),
        seeds: Self.first..<Self.first + Self.count)
      print("engines, checks: \(tally)")
      #expect(tally.plans > Int(Self.count) / 3, "\(tally)")
      #expect(tally.rows > 0)
    }
  }

  @Test func `labels are those of their SQL`() async throws {
    try await withDatabase { database in
      let tally = try await EngineConformance.exerciseLabels(
        MemoryEngineUnderTest(), against: PostgresUnderTest(database: database.connection),
        seeds: Self.first..<Self.first + Self.count)
      print("engines, labels: \(tally)")
      #expect(tally.plans > Int(Self.count) / 3, "\(tally)")
      #expect(tally.rows > 0)
    }
  }
}
