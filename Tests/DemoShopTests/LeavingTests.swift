import Testing

@testable import DemoShop

/// Whether the tables show what is true of people, in the direction in which it is true.
@Suite struct LeavingTests {
  private let rows = ShopFixture.rows
  private let truth = ShopFixture.truth

  /// Mean per leaver of a reason, in the days before they left.
  private func mean<Row>(
    _ rows: [Row], user: (Row) -> Int64, at: (Row) -> Int64, of reason: LeavingReason,
    days: Int64 = 90
  ) -> Double {
    let counts = ShopFixture.count(rows, user: user, at: at, days: days) {
      $0.reason == reason ? $0.leftAt : nil
    }
    let leavers = truth.values.count { $0.reason == reason && $0.leftAt != nil }
    return Double(counts.values.reduce(0, +)) / Double(leavers)
  }

  @Test func `every reason takes its share`() {
    let leavers = truth.values.filter { $0.leftAt != nil }
    #expect((0.35...0.6).contains(Double(leavers.count) / Double(truth.count)))
    for reason in LeavingReason.allCases {
      let share = Double(leavers.count { $0.reason == reason }) / Double(leavers.count)
      #expect((0.02...0.4).contains(share), "\(reason)")
    }
  }

  /// A week of grace for what was under way, then a few stray visits.
  @Test func `who left is silent`() {
    var before = 0
    var after = 0
    for event in rows.events {
      guard let left = truth[event.user]?.leftAt else { continue }
      if event.at < left { before += 1 }
      if event.at >= left + 7 * Duration.day { after += 1 }
    }
    #expect(Double(after) < 0.03 * Double(before))
  }

  @Test func `bad service shows in complaints`() {
    func complaints(_ reason: LeavingReason) -> Double {
      mean(rows.complaints, user: \.user, at: \.at, of: reason)
    }
    for reason in [LeavingReason.price, .delivery, .need, .competitor] {
      #expect(complaints(.service) > 2 * complaints(reason), "\(reason)")
    }
  }

  @Test func `late parcels show in deliveries`() {
    let late = rows.orders.filter { order in
      order.deliveredAt.map { $0 > order.promisedAt } ?? false
    }
    func lateParcels(_ reason: LeavingReason) -> Double {
      mean(late, user: \.user, at: \.orderedAt, of: reason)
    }
    for reason in [LeavingReason.price, .service, .need, .competitor] {
      #expect(lateParcels(.delivery) > 1.5 * lateParcels(reason), "\(reason)")
    }
  }

  /// Who leaves over prices got smaller discounts in the last two months than long before.
  @Test func `lost discounts show in orders`() {
    func discountShare(_ reason: LeavingReason, daysBefore: Range<Int64>) -> Double {
      var discount = 0.0
      var total = 0.0
      for order in rows.orders where order.amount >= 0 && truth[order.user]?.reason == reason {
        guard let left = truth[order.user]?.leftAt,
          daysBefore.contains((left - order.orderedAt) / Duration.day)
        else { continue }
        discount += Double(order.discount)
        total += Double(order.amount + order.discount)
      }
      return discount / total
    }
    func trend(_ reason: LeavingReason) -> Double {
      discountShare(reason, daysBefore: 0..<60) / discountShare(reason, daysBefore: 120..<540)
    }
    #expect(trend(.price) < 0.75)
    // Not competitors: whom they take is sensitive to prices too.
    for reason in [LeavingReason.delivery, .service, .need] {
      #expect(trend(reason) > 1.25 * trend(.price), "\(reason)")
    }
  }

  @Test func `changed need fades slowly`() {
    func recentShare(_ reason: LeavingReason) -> Double {
      let views = rows.events.filter { $0.kind == .view }
      let month = mean(views, user: \.user, at: \.at, of: reason, days: 30)
      return 3 * month / mean(views, user: \.user, at: \.at, of: reason)
    }
    #expect(recentShare(.need) < 0.75)
    #expect(recentShare(.competitor) > 0.9)
  }

  /// Competitors take the buyers of the category that they advertise, while they do or soon after.
  @Test func `competitors take their category`() {
    let market = ShopFixture.generator.market
    for person in truth.values where person.reason == .competitor {
      guard let decided = person.decidedAt else { continue }
      let day = market.calendar.day(of: decided)
      #expect(market.competitorTempts(person.traits.mainCategory, day: day))
    }
  }

  /// No consent, no message.
  @Test func `campaigns respect consent`() {
    var consents: [Int64: [Campaign.Channel: Bool]] = [:]
    for user in rows.users { consents[user.id] = user.person.consents }
    for send in rows.sends {
      let channel = Campaign.Channel(rawValue: send.channel)
      #expect(channel.flatMap { consents[send.user]?[$0] } == true)
    }
  }

  @Test func `nobody acts before sign up`() {
    for event in rows.events {
      #expect(truth[event.user].map { event.at >= $0.traits.signedUpAt } == true)
    }
  }
}
