import Frames
import TestSupport
import Testing

@testable import MemoryEngine
@testable import Relations
@testable import Stages

@Suite struct CutoffPlanTests {
  @Test func `label windows end before the validation cutoff`() {
    let label = LabelWindow(gap: .days(7), within: .days(30))
    let plan = CutoffPlan(
      asOf: day(2026, 6, 21), every: .days(30), count: 3, label: label, zone: .utc)
    #expect(plan.validation == day(2026, 5, 15))
    // 30 days before, 2026-04-15, its window would end on 05-22: after the validation cutoff.
    #expect(plan.training == [day(2026, 3, 16), day(2026, 2, 14), day(2026, 1, 15)])
  }

  @Test func `cutoffs may overlap each other but not the validation`() {
    let plan = CutoffPlan(
      asOf: day(2026, 6, 30), every: .days(1), count: 5,
      label: LabelWindow(gap: .days(0), within: .days(10)), zone: .utc)
    #expect(plan.validation == day(2026, 6, 20))
    #expect(plan.training.first == day(2026, 6, 10))
    #expect(plan.training.count == 5)
  }

  /// Over zones with clock changes, spans of all kinds and as-ofs of every hour.
  @Test(arguments: [
    "UTC", "Europe/Berlin", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Asia/Kathmandu", "Africa/Casablanca",
  ]) func `nothing sees what it is judged by`(name: String) throws {
    let zone = try #require(CalendarZone(named: name))
    var random = SeededGenerator(seed: 11)
    let spans: [Span] = [
      .days(0), .days(1), .days(7), .days(30), .days(200), .minutes(30), .minutes(60 * 36),
    ]
    func pick(_ spans: ArraySlice<Span>) -> Span { spans.randomElement(using: &random) ?? .days(1) }
    for _ in 0..<400 {
      let midnight = zone.start(
        of: CivilDate(days: Int64.random(in: 6000..<9800, using: &random)))
      let asOf = Instant(
        microseconds: midnight.microseconds
          + (Bool.random(using: &random)
            ? 0 : Int64.random(in: 0..<48, using: &random) * 1_800_000_000))
      let label = LabelWindow(gap: pick(spans[...]), within: pick(spans.dropFirst()))
      let plan = CutoffPlan(
        asOf: asOf, every: pick(spans[1..<5]), count: 4, label: label, zone: zone)
      #expect(label.end(of: plan.validation, in: zone) <= asOf)
      // It is the latest: a day later the window would end after the as-of.
      #expect(
        label.end(of: zone.instant(plan.validation, plus: .days(1)), in: zone) > asOf)
      #expect(plan.training.count == 4)
      for cutoff in plan.training {
        #expect(label.end(of: cutoff, in: zone) <= plan.validation)
      }
      #expect(plan.training == plan.training.sorted(by: >))
    }
  }

  /// A day of the calendar keeps its midnight over a change of clocks.
  @Test func `cutoffs stay at midnight`() throws {
    let zone = try #require(CalendarZone(named: "Europe/Berlin"))
    let asOf = zone.start(of: CivilDate(year: 2026, month: 4, day: 20))
    let plan = CutoffPlan(
      asOf: asOf, every: .days(30), count: 6,
      label: LabelWindow(gap: .days(0), within: .days(30)), zone: zone)
    for cutoff in [plan.validation] + plan.training {
      #expect(zone.start(of: zone.day(of: cutoff)) == cutoff)
    }
    #expect(plan.validation == zone.start(of: CivilDate(year: 2026, month: 3, day: 21)))
    #expect(plan.training.first == zone.start(of: CivilDate(year: 2026, month: 2, day: 19)))
  }
}
