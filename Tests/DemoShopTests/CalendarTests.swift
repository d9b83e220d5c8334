import Frames
import Testing

@testable import DemoShop

@Suite struct CalendarTests {
  private let calendar = ShopFixture.calendar

  @Test func `ends at midnight in shanghai`() throws {
    let zone = try #require(CalendarZone(named: "Asia/Shanghai"))
    #expect(calendar.endInstant == zone.start(of: DemoShop.defaultEnd).microseconds)
    #expect(calendar.day(of: calendar.endInstant) == 540)
    #expect(calendar.day(of: calendar.endInstant - 1) == 539)
    #expect(calendar.instant(day: -1, second: 86_400) == calendar.instant(day: 0, second: 0))
  }

  @Test func `knows weekdays and dates`() {
    // 2026-06-01 is a Monday.
    #expect(calendar.weekday(540) == 0)
    #expect(calendar.weekday(539) == 6)
    #expect(calendar.weekday(-14) == calendar.weekday(0))
    #expect(calendar.date(539).text == "2026-05-31")
  }

  /// Nobody is at their busiest at four in the morning.
  @Test func `days have a rhythm`() {
    var hours = [Int](repeating: 0, count: 24)
    for event in ShopFixture.rows.events {
      let midnight = calendar.instant(day: calendar.day(of: event.at), second: 0)
      hours[Int((event.at - midnight) / Duration.hour)] += 1
    }
    #expect(hours[20] > 5 * hours[4])
    #expect(hours[21] > hours[16])
  }
}
