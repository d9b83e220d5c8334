import Frames

/// Makes the rows of the demo shop, some users at a time. What it makes of a user depends on the seed
/// and the user's number only: not on how many users there are, nor on the pieces they are made in.
struct ShopGenerator: Sendable {
  let market: Market

  init(calendar: HistoryCalendar, seed: UInt64) {
    market = Market(calendar: calendar, seed: seed)
  }

  /// The tables that are the same however many users there are.
  func sharedTables() -> [DemoTable] {
    let start = market.calendar.start.days
    let campaigns = market.campaigns.map {
      CampaignRow(campaign: $0, startsOn: start + Int64($0.day))
    }
    return [
      DemoTable(in: .shop, ShopTables.products, market.catalogue.products),
      DemoTable(in: .shop, ShopTables.campaigns, campaigns),
    ]
  }

  /// The tables of these users.
  func tables(users: ClosedRange<Int64>) -> [DemoTable] {
    let rows = rows(users: users)
    return [
      DemoTable(in: .shop, ShopTables.users, rows.users),
      DemoTable(in: .shop, ShopTables.orders, rows.orders),
      DemoTable(in: .shop, ShopTables.orderLines, rows.orderLines),
      DemoTable(in: .shop, ShopTables.events, rows.events),
      DemoTable(in: .shop, ShopTables.reviews, rows.reviews),
      DemoTable(in: .shop, ShopTables.complaints, rows.complaints),
      DemoTable(in: .shop, ShopTables.sends, rows.sends),
      DemoTable(in: .shop, ShopTables.follows, rows.follows),
      DemoTable(in: .truth, TruthTables.users, rows.truth),
    ]
  }

  func rows(users: ClosedRange<Int64>) -> ShopRows {
    var rows = ShopRows()
    for user in users {
      var life = Life(user: user, market: market)
      life.run()
      rows.users.append(UserRow(id: user, person: life.person, traits: life.traits))
      rows.orders += Dirt.soil(life.records.orders, user: user, market: market)
      rows.orderLines += life.records.orderLines
      rows.events += life.records.events
      rows.reviews += life.records.reviews
      rows.complaints += life.records.complaints
      rows.sends += life.records.sends
      rows.follows += Follows.rows(of: life.traits, market: market)
      rows.truth.append(life.truth)
    }
    return rows
  }
}
