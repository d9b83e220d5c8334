import Frames
import Testing

@testable import Scheduling

/// The as-ofs of a backfill in zones whose clocks change.
@Suite struct BackfillRangeTests {
  private func asOfs(_ first: String, _ last: String, _ step: Span, _ zone: String) throws
    -> [String]
  {
    let zone = try #require(CalendarZone(named: zone))
    let range = BackfillRange(
      first: try #require(Instant(first, in: zone)), last: try #require(Instant(last, in: zone)),
      step: step)
    return range.asOfs(in: zone).map { $0.shortText(in: zone) }
  }

  @Test func `days begin at midnight whatever the clocks do`() throws {
    #expect(
      try asOfs("2026-03-28", "2026-03-31", .days(1), "Europe/Berlin") == [
        "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31",
      ])
    // Santiago has no midnight on the day when summer begins; the day begins an hour later.
    #expect(
      try asOfs("2024-09-07", "2024-09-09", .days(1), "America/Santiago").count == 3)
  }

  @Test func `a day that a zone left out is none`() throws {
    // Apia went from the 29th to the 31st of December 2011.
    #expect(
      try asOfs("2011-12-28", "2012-01-02", .days(1), "Pacific/Apia") == [
        "2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02",
      ])
  }

  @Test func `hours are time`() throws {
    // The hour that comes twice is two, the one that is left out none.
    #expect(
      try asOfs("2026-10-25", "2026-10-26", .minutes(60), "Europe/Berlin").count == 26)
    #expect(
      try asOfs("2026-03-29", "2026-03-30", .minutes(60), "Europe/Berlin").count == 24)
  }

  @Test func `a step of nothing is one as of`() throws {
    #expect(try asOfs("2026-03-29", "2026-03-30", .days(0), "UTC") == ["2026-03-29"])
  }
}
