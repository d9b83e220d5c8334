import Foundation
import Frames
import TestSupport
import Testing

/// Nothing grows without end: every table of schema `roost` has a bound that does not depend on how many nights
/// there were.
///
/// ROOST_YEARS_OF sets how many; `make soak PART=years` lives through 3,000 and prints the sizes.
@Suite struct YearsTests {
  private static let wanted =
    ProcessInfo.processInfo.environment["ROOST_YEARS_OF"].flatMap(Int.init)
  /// Nights between two looks.
  private static let step = 30
  private static let nights = wanted ?? 300

  /// The most rows of each table after a look. Runs of three pipelines are kept for 60 days; what a look makes
  /// itself, and what is at the edge, comes on top.
  private static let bounds: [String: Int] = [
    "runs": 200, "stages": 600, "events": 1650, "loads": 80, "ticks": 200, "alerts": 240,
    "backfills": 42, "backfill_runs": 420, "decisions": 70,
    // For 400 days, whatever the pipeline says.
    "merges": 440, "forgotten_merges": 1,
    // For 20 days, three of each as-of.
    "publications": 70, "forgotten": 5, "row_tables": 10,
    "targets": 2, "current_publications": 1, "schedules": 3, "holdings": 4,
    "forgotten_marks": 0, "planner_mark": 0,
  ]

  @Test func `nights upon nights leave no more than their time`() async throws {
    try await withProject(settings: TestProject.told) { project in
      try await project.setUpYears()
      var now = try #require(Instant("2016-01-01T03:00", in: .utc))
      func moved(_ days: Int) -> Instant {
        Instant(microseconds: now.microseconds + Int64(days) * Instant.microsecondsPerDay)
      }
      try await project.look(at: now)
      // Somebody is to approve it, and never does.
      try await project.sql(
        """
        INSERT INTO roost.runs (pipeline, as_of, state, publishes, started_at, finished_at, error)
        VALUES ('good', '2016-01-01Z', 'held', true, '2016-01-01Z', '2016-01-01Z', 'too few')
        """)
      var sizes: [String: Int] = [:]
      for _ in 0..<Self.nights / Self.step {
        let first = Instant(microseconds: moved(1).microseconds - 3 * 3_600_000_000)
        try await project.pretendNights(from: first, count: Self.step - 1)
        now = moved(Self.step)
        try await project.look(at: now)
        sizes = try await project.sizes()
        for (table, size) in sizes where table != "schema_version" {
          let bound = try #require(Self.bounds[table], "roost.\(table) has no bound")
          #expect(size <= bound, "roost.\(table) at \(now.sqlText)")
        }
      }
      if Self.wanted != nil {
        for (table, size) in sizes.sorted(by: { $0.key < $1.key }) {
          print("years: after \(Self.nights) nights roost.\(table) has \(size) rows")
        }
      }
      #expect(try await project.relations(in: "roost_data").count < 100)
      #expect(project.files(below: "state").count < 50)
      // It is what is old that went.
      #expect(try await project.count("roost.runs WHERE state = 'held'") == 1)
      #expect(try await project.count("roost.runs WHERE pipeline = 'quiet'") >= 60)
      let shown = try await project.rows(
        "SELECT as_of, run_id, count(*) FROM marketing.users_current GROUP BY 1, 2")
      #expect(shown.count == 1 && shown.first?.hasSuffix(",10)") == true, "\(shown)")
    }
  }
}

extension TestProject {
  /// How many rows each table of schema `roost` has.
  fileprivate func sizes() async throws -> [String: Int] {
    var sizes: [String: Int] = [:]
    for table in try await texts("SELECT tablename FROM pg_tables WHERE schemaname = 'roost'") {
      sizes[table] = try await count("roost.\(table)")
    }
    return sizes
  }

  fileprivate func files(below path: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder.appending(path: path).path)
    return (all?.allObjects ?? []).compactMap { $0 as? String }
  }
}
