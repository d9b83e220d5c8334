import Diagnostics
import Frames
import PipelineFiles
import Testing

@testable import Scheduling

/// When a schedule is due and for which as-of.
@Suite struct TickTests {
  private let at = Samples.instant

  private func ticks(_ pipeline: Pipeline, _ from: String, _ to: String) -> [String] {
    pipeline.ticks(after: at(from, .utc), through: at(to, .utc), last: 100).ticks.map {
      "\($0.dueAt.shortText(in: pipeline.zone)) for \($0.asOf.shortText(in: pipeline.zone))"
        + ($0.finishBy.map { ", by \($0.shortText(in: pipeline.zone))" } ?? "")
    }
  }

  @Test func `a night in Berlin, over both changes of clocks`() {
    let pipeline = Samples.pipeline(
      #"cron: "30 2 * * *", finish_by: "05:00""#, zone: "Europe/Berlin")
    #expect(
      ticks(pipeline, "2026-03-28", "2026-03-30T12:00") == [
        "2026-03-28 02:30 for 2026-03-28, by 2026-03-28 05:00",
        "2026-03-29 03:00 for 2026-03-29, by 2026-03-29 05:00",
        "2026-03-30 02:30 for 2026-03-30, by 2026-03-30 05:00",
      ])
    let autumn = pipeline.ticks(
      after: at("2026-10-24T12:00", .utc), through: at("2026-10-26", .utc), last: 100
    ).ticks
    #expect(autumn.map(\.dueAt.sqlText) == ["2026-10-25 00:30:00+00"])
  }

  @Test func `due and to be done in the hour that clocks leave out`() {
    let pipeline = Samples.pipeline(
      #"cron: "30 2 * * *", finish_by: "02:45""#, zone: "Europe/Berlin")
    #expect(
      ticks(pipeline, "2027-03-27T12:00", "2027-03-29T12:00") == [
        "2027-03-28 03:00 for 2027-03-28, by 2027-03-28 03:15",
        "2027-03-29 02:30 for 2027-03-29, by 2027-03-29 02:45",
      ])
  }

  @Test func `done by a time of the next day`() {
    let pipeline = Samples.pipeline(#"cron: "0 22 * * *", finish_by: "05:00""#)
    #expect(
      ticks(pipeline, "2026-06-01", "2026-06-02") == [
        "2026-06-01 22:00 for 2026-06-01, by 2026-06-02 05:00"
      ])
  }

  @Test func `several times for one as-of are one tick, and check says so`() {
    let report = Report()
    let pipeline = Samples.pipeline(#"cron: "0 */6 * * *""#, report: report)
    #expect(report.sorted.map(\.code.rawValue) == ["R0208"])
    #expect(
      ticks(pipeline, "2026-06-01T01:00", "2026-06-02T23:00")
        == ["2026-06-01 06:00 for 2026-06-01", "2026-06-02 for 2026-06-02"])
    for (cron, unit) in [("0 */6 * * *", "hour"), ("*/5 * * * *", "tick"), ("0 6 * * 1-5", "day")] {
      let report = Report()
      _ = Samples.pipeline("cron: \"\(cron)\"", asOf: unit, report: report)
      #expect(report.sorted.isEmpty, "\(cron)")
    }
  }

  @Test func `a day that never comes, and steps without a range, are refused`() {
    for (line, text) in [
      ("0 0 31 2 *", "never due"), ("0 0 30 2,feb *", "never due"), ("5/10 * * * *", "no range"),
      ("0 0 31 4,6,9,11 *", "never due"),
    ] {
      let error = #expect(throws: WordTrouble.self) {
        _ = try Cron(parsing: Snippet(file: SourceFile(name: "", text: line)))
      }
      #expect("\(String(describing: error))".contains(text), "\(line)")
    }
    for line in ["0 0 29 2 *", "0 0 31 2 mon", "0 0 31 * *", "0 4 * * fri-sun"] {
      #expect(throws: Never.self) {
        _ = try Cron(parsing: Snippet(file: SourceFile(name: "", text: line)))
      }
    }
  }

  @Test func `days that come once in years are found`() throws {
    // `*/2` begins with a star, so both must match.
    let cron = try Cron(parsing: Snippet(file: SourceFile(name: "", text: "0 0 */28 2 mon")))
    let found = cron.tick(after: at("2039-01-01", .utc), in: .utc)
    #expect(found?.instant == at("2044-02-01", .utc))
    let leap = try Cron(parsing: Snippet(file: SourceFile(name: "", text: "0 0 29 2 *")))
    #expect(leap.tick(after: at("2096-03-01", .utc), in: .utc)?.instant == at("2104-02-29", .utc))
  }

  @Test func `only the last of a long absence are listed`() throws {
    let cron = try Cron(parsing: Snippet(file: SourceFile(name: "", text: "* * * * *")))
    let (ticks, leftOut) = cron.ticks(
      after: at("2026-06-01", .utc), through: at("2026-06-02", .utc), in: .utc, last: 7)
    #expect(ticks.count == 7 && leftOut == 1440 - 7)
    #expect(ticks.last?.instant == at("2026-06-02", .utc))
  }
}
