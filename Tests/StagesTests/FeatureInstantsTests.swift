import Frames
import Testing

@testable import Stages

/// Features at several instants are worked out over the same rows.
struct FeatureInstantsTests {
  private static let pipeline = """
    users:
      extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
    orders:
      extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at, arrived: loaded_at }
    clipped_orders:
      clean:
        input: orders
        steps:
          - clip: { column: amount, to: [p10, p80] }
          - clip: { column: discount, to: [p5, p90] }
    features:
      features:
        entity: users.user_id
        windows: [7d, 30d]
        from:
          orders:
            where: "amount > 1"
            windowed:
              orders: count(*)
              share: sum(discount) / nullif(sum(amount + discount), 0)
              cheap: sum(amount) filter (where amount < 50)
              dear: sum(discount) filter (where amount >= 50)
              young: count(*) filter (where ordered_at > as_of - interval '3 days')
            ever: { recency: days_since(max(ordered_at)), kinds: count(distinct amount) }
          clipped_orders:
            windowed: { clipped: sum(amount), lowest: min(amount), deepest: max(discount) }
            ever: { clipped_ever: sum(amount - discount) }
    """

  private static func tables(_ random: inout some RandomNumberGenerator) -> Tables {
    var users = [ColumnBuilder(type: .int8), ColumnBuilder(type: .timestamptz)]
    for user in 1...20 {
      users[0].append(Int64(user))
      users[1].append(instant(&random))
    }
    var orders = [.int8, .int8, .timestamptz, .timestamptz, .float8, .float8]
      .map { ColumnBuilder(type: $0) }
    for order in 1...400 {
      let ordered = instant(&random)
      orders[0].append(Int64(order))
      orders[1].append(Int64.random(in: 1...25, using: &random))
      orders[2].append(ordered)
      orders[3].append(ordered + Int64.random(in: 0...3, using: &random) * 86_400_000_000)
      orders[4].append(Double(Int.random(in: 0...100, using: &random)))
      orders[5].append(Double(Int.random(in: 0...10, using: &random)))
    }
    return [
      "users": frame(["user_id", "signed_up_at"], users),
      "orders": frame(
        ["order_id", "user_id", "ordered_at", "loaded_at", "amount", "discount"], orders),
    ]
  }

  /// Some time in the 80 days before June 2026.
  private static func instant(_ random: inout some RandomNumberGenerator) -> Int64 {
    day(2026, 6, 1).microseconds - Int64.random(in: 1...80 * 86_400, using: &random) * 1_000_000
  }

  private static func frame(_ names: [String], _ builders: [ColumnBuilder]) -> Frame {
    let columns = builders.map { $0.build() }
    return Frame(
      schema: Schema(zip(names, columns).map { Field($0, $1.type) }), columns: columns,
      rowCount: columns[0].count)
  }

  @Test func `every instant has the features of a run of its own`() async throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5 {
      let tables = Self.tables(&random)
      let shared = try await run(Self.pipeline, tables)
      for date in [day(2026, 4, 10), day(2026, 5, 2), day(2026, 5, 20), day(2026, 6, 1)] {
        let own = try await run(Self.pipeline, tables, asOf: date).frame("features")
        let among = try await shared.frame("features", asOf: date)
        #expect(among.rowCount == own.rowCount)
        for name in own.schema.names {
          #expect(texts(among[name]) == texts(own[name]), "\(name) at \(date)")
        }
      }
    }
  }

  private func texts(_ column: Column?) -> [String] {
    guard let column else { return [] }
    return (0..<column.count).map { row in
      if column.isNull(row) { return "null" }
      switch column.values {
      case .int64(let values): return "\(values[row])"
      case .float64(let values): return "\(values[row])"
      case .int128(let values): return "\(values[row])"
      default: return "?"
      }
    }
  }
}
