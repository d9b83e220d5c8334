import Diagnostics
import Expressions
import Frames
import Testing

@testable import MemoryEngine
@testable import PipelineFiles
@testable import Relations
@testable import Stages

@Suite struct LabelTests {
  /// The label of user 1 at a cutoff, given the instants of their orders.
  private func label(
    _ orders: [Instant], at cutoff: Instant, gap: Span, within: Span, zone: CalendarZone = .utc
  ) throws -> Bool? {
    let schema = Schema([Field("user_id", .int8), Field("at", .timestamptz)])
    let report = Report()
    let test = try Expression(parsing: Snippet(file: SourceFile(name: "f", text: "count(*) = 0")))
      .typedAggregate(in: schema, as: .bool, "is", report)
    let plan = LabelPlan(
      name: "gone", stage: "orders", entityColumn: "user_id", time: "at", condition: nil,
      test: try #require(test), window: LabelWindow(gap: gap, within: within))
    let rows = frame([
      (schema.fields[0], orders.map { _ in 1 }), (schema.fields[1], orders),
    ])
    let context = EvaluationContext(asOf: cutoff, zone: zone)
    return try plan.values(
      for: column(.int8, [1]), at: cutoff,
      rows: FeatureRows(plan.rowsPlan, rows, known: nil, in: context),
      seen: Instant(microseconds: .max), in: context)[0]
  }

  private func after(_ instant: Instant, _ microseconds: Int64) -> Instant {
    Instant(microseconds: instant.microseconds + microseconds)
  }

  @Test func `windows are half open`() throws {
    let cutoff = day(2026, 3, 1)
    func isGone(_ order: Instant, gap: Span = .days(0)) throws -> Bool? {
      try label([order], at: cutoff, gap: gap, within: .days(30))
    }
    #expect(try isGone(after(cutoff, -1)) == true)
    #expect(try isGone(cutoff) == false)
    #expect(try isGone(after(day(2026, 3, 31), -1)) == false)
    #expect(try isGone(day(2026, 3, 31)) == true)
    #expect(try isGone(after(day(2026, 3, 8), -1), gap: .days(7)) == true)
    #expect(try isGone(day(2026, 3, 8), gap: .days(7)) == false)
    #expect(try isGone(after(day(2026, 4, 7), -1), gap: .days(7)) == false)
    #expect(try isGone(day(2026, 4, 7), gap: .days(7)) == true)
    #expect(try label([], at: cutoff, gap: .days(0), within: .days(30)) == true)
  }

  /// March in Berlin has an hour less: 31 days are calendar days all the same.
  @Test func `windows follow the calendar`() throws {
    let zone = try #require(CalendarZone(named: "Europe/Berlin"))
    let cutoff = zone.start(of: CivilDate(year: 2026, month: 3, day: 1))
    let end = zone.start(of: CivilDate(year: 2026, month: 4, day: 1))
    #expect(end.microseconds - cutoff.microseconds == 31 * 86_400_000_000 - 3_600_000_000)
    func isGone(_ order: Instant, _ within: Span) throws -> Bool? {
      try label([order], at: cutoff, gap: .days(0), within: within, zone: zone)
    }
    #expect(try isGone(after(end, -1), .days(31)) == false)
    #expect(try isGone(end, .days(31)) == true)
    // Hours are elapsed time: as many as 31 days end an hour after midnight.
    #expect(try isGone(end, .minutes(31 * 24 * 60)) == false)
  }
}
