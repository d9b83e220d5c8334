import Frames
import Testing

@testable import DemoShop

@Suite struct GeneratorTests {
  private func digests(seed: UInt64, users: ClosedRange<Int64>) -> [UInt64] {
    let generator = ShopGenerator(calendar: ShopFixture.calendar, seed: seed)
    return (generator.sharedTables() + generator.tables(users: users)).map(\.frame.digest)
  }

  @Test func `a seed makes one shop`() {
    let first = digests(seed: 5, users: 1...60)
    #expect(first == digests(seed: 5, users: 1...60))
    let other = digests(seed: 6, users: 1...60)
    // Only the calendar of campaigns is the same for all seeds.
    #expect(zip(first, other).count { $0 == $1 } == 1)
  }

  @Test func `pieces do not matter`() {
    let generator = ShopFixture.generator
    let whole = generator.rows(users: 1...90)
    var parts = ShopRows()
    for users: ClosedRange<Int64> in [1...13, 14...60, 61...90] {
      let part = generator.rows(users: users)
      parts.orders += part.orders
      parts.events += part.events
      parts.follows += part.follows
      parts.truth += part.truth
    }
    #expect(
      ShopTables.orders.frame(whole.orders).digest == ShopTables.orders.frame(parts.orders).digest)
    #expect(
      ShopTables.events.frame(whole.events).digest == ShopTables.events.frame(parts.events).digest)
    #expect(
      ShopTables.follows.frame(whole.follows).digest
        == ShopTables.follows.frame(parts.follows).digest)
    #expect(
      TruthTables.users.frame(whole.truth).digest == TruthTables.users.frame(parts.truth).digest)
  }

  @Test func `keys are unique`() {
    let rows = ShopFixture.rows
    #expect(Set(rows.events.map(\.id)).count == rows.events.count)
    #expect(Set(rows.reviews.map(\.id)).count == rows.reviews.count)
    #expect(Set(rows.complaints.map(\.id)).count == rows.complaints.count)
    #expect(Set(rows.sends.map(\.id)).count == rows.sends.count)
    #expect(Set(rows.orderLines.map { [$0.order, $0.line] }).count == rows.orderLines.count)
    #expect(Set(rows.follows.map { [$0.follower, $0.followee] }).count == rows.follows.count)
  }

  @Test func `sizes are as announced`() {
    let users = Double(ShopFixture.users.count)
    #expect((45...65).contains(Double(ShopFixture.rows.events.count) / users))
    #expect((8...12).contains(Double(ShopFixture.rows.orders.count) / users))
  }

  @Test func `numbers that make no shop are refused`() {
    #expect(throws: DemoError.self) { try DemoShop(users: 0, seed: 1) }
    #expect(throws: DemoError.self) { try DemoShop(users: 1, seed: 1, historyDays: 10) }
  }

  /// The smallest and the largest history stay within what keys and days can hold.
  @Test(arguments: [60, 1800]) func `every history works`(days: Int) {
    let calendar = HistoryCalendar(end: DemoShop.defaultEnd, days: days)
    let rows = ShopGenerator(calendar: calendar, seed: 3).rows(users: 1...20)
    #expect(rows.users.count == 20)
    #expect(rows.events.allSatisfy { $0.at < calendar.endInstant })
    #expect(rows.sends.allSatisfy { $0.sentAt < calendar.endInstant })
  }
}
