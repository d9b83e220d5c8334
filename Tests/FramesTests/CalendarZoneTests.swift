import Foundation
import TestSupport
import Testing

@testable import Frames

@Suite struct CalendarZoneTests {
  private func instant(_ year: Int, _ month: Int, _ day: Int, minutes: Int = 0) -> Instant {
    Instant(
      microseconds: CivilDate(year: year, month: month, day: day).days
        * Instant.microsecondsPerDay + Int64(minutes) * 60_000_000)
  }

  @Test func `days are cut in the zone`() throws {
    let shanghai = try #require(CalendarZone(named: "Asia/Shanghai"))
    #expect(
      shanghai.start(of: CivilDate(year: 2026, month: 6, day: 21))
        == instant(2026, 6, 20, minutes: 16 * 60))
    #expect(
      shanghai.day(of: instant(2026, 6, 20, minutes: 16 * 60))
        == CivilDate(year: 2026, month: 6, day: 21))
    #expect(
      shanghai.day(of: instant(2026, 6, 20, minutes: 16 * 60 - 1))
        == CivilDate(year: 2026, month: 6, day: 20))
  }

  @Test func `calendar days follow daylight saving`() throws {
    let berlin = try #require(CalendarZone(named: "Europe/Berlin"))
    // 2026-03-29 has 23 hours in Berlin.
    let after = berlin.start(of: CivilDate(year: 2026, month: 3, day: 30))
    let before = berlin.instant(after, minus: .days(1))
    #expect(after.microseconds - before.microseconds == 23 * 3_600_000_000)
    #expect(berlin.instant(before, plus: .days(1)) == after)
    #expect(
      berlin.instant(after, minus: .minutes(24 * 60)).microseconds == before.microseconds
        - 3_600_000_000)
  }

  /// In Beirut daylight saving began at midnight on 2022-03-27: the day begins at 01:00.
  @Test func `a day begins at its first existing instant`() throws {
    let beirut = try #require(CalendarZone(named: "Asia/Beirut"))
    let start = beirut.start(of: CivilDate(year: 2022, month: 3, day: 27))
    #expect(start == instant(2022, 3, 26, minutes: 22 * 60))
    #expect(beirut.local(start.microseconds) == instant(2022, 3, 27, minutes: 60).microseconds)
    // In Havana 2026-11-01 00:00 exists twice; the day begins at the first.
    let havana = try #require(CalendarZone(named: "America/Havana"))
    let twice = havana.start(of: CivilDate(year: 2026, month: 11, day: 1))
    #expect(twice == instant(2026, 11, 1, minutes: 4 * 60))
  }

  @Test func `civil dates round trip`() {
    for day in stride(from: Int64(-2_500_000), through: 2_500_000, by: 997) {
      let parts = CivilDate(days: day).components
      #expect(CivilDate(year: parts.year, month: parts.month, day: parts.day).days == day)
    }
    #expect(CivilDate(year: 2000, month: 1, day: 1).days == 0)
    #expect(CivilDate(year: 1970, month: 1, day: 1).days == -10_957)
  }

  @Test func `unknown zones are refused`() {
    #expect(CalendarZone(named: "Asia/Shangai") == nil)
    #expect(CalendarZone(named: "") == nil)
  }

  /// Offsets at and around every change, and at any other time, are those of the system.
  @Test(arguments: ["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Africa/Casablanca"])
  func `offsets are those of the system`(name: String) throws {
    let zone = try #require(CalendarZone(named: name))
    let system = try #require(TimeZone(identifier: name))
    func offset(_ seconds: Int64) -> Int64 {
      Int64(system.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))) * 1_000_000
    }
    var random = SeededGenerator(seed: 7)
    var seconds = (0..<2000).map { _ in
      Int64.random(in: -2_208_988_800..<4_102_444_800, using: &random)
    }
    var change = system.nextDaylightSavingTimeTransition(after: Date(timeIntervalSince1970: 0))
    while let next = change, next.timeIntervalSince1970 < 4_102_000_000 {
      let second = Int64(next.timeIntervalSince1970)
      seconds += [second - 1, second, second + 1]
      change = system.nextDaylightSavingTimeTransition(after: next)
    }
    for second in seconds {
      let instant = (second - Instant.unixOffset) * 1_000_000
      #expect(zone.offset(at: instant) == offset(second), "\(name) at \(second)")
    }
    #expect(zone.offset(at: .min + 1) == zone.offset(at: -3_155_673_600_000_000))
    #expect(zone.offset(at: .max - 1) == zone.offset(at: 3_155_760_000_000_000))
  }
}
