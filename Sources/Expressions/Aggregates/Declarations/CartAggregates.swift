import Frames

extension Aggregate {
  static let ofCarts: [Aggregate] = [
    carts(
      "cart_abandonment",
      "The share of carts that were left: abandoned_carts(…) / (abandoned ones + those bought in "
        + "time), of carts whose time is up at the as-of, as float8; null if there are none: "
        + "cart_abandonment(cart_id, kind = 'order', '24 hours').", [], .float8, .abandonment,
      "avg((bought is null or bought >= over)::integer::double precision) filter (where over <= now)"
    ),
    carts(
      "abandoned_carts",
      "The number of carts with no row in which they are bought from their last other row on and "
        + "before the interval after it, where that has passed at the as-of: "
        + "abandoned_carts(cart_id, kind = 'order', '24 hours').", .counts, .int8, .abandoned,
      "count(*) filter (where over <= now and (bought is null or bought >= over))"),
    carts(
      "open_carts",
      "The number of carts that may still be bought in time: not bought since their last other row, "
        + "from which the interval has not passed at the as-of: "
        + "open_carts(cart_id, kind = 'order', '24 hours').", .counts, .int8, .open,
      "count(*) filter (where over > now and bought is null)"),
  ]

  private static func carts(
    _ name: String, _ about: String, _ traits: Traits, _ type: ColumnType,
    _ kind: CartMeasure.Kind, _ postgres: String
  ) -> Aggregate {
    Aggregate(
      name, about, .cart, traits.union([.looksAtTime, .dependsOnAsOf, .hidesValues]),
      literal: ElapsedTime.self, usage: "write \(name)(cart_id, kind = 'order', '24 hours')",
      result: { $0 == .jsonb ? nil : type },
      states: { limit, _ in
        .ofCarts { rows, bought in
          let times = rows.times
          return CartState(
            carts: rows.values, bought: bought, times, rows.groups, rows.layout,
            CartMeasure(kind: kind, limit: limit.microseconds, now: times.now))
        }
      },
      postgres: { limit, rows in
        let columns = [("cart", rows.value), ("t", rows.time), ("buys", rows.condition)]
        // The last row of a cart that does not buy it, and the first from then on that does.
        return rows.query(
          """
          select \(postgres) from (\
          select change + \(rows.interval(limit)) as over, \(rows.now.text) as now, \
          min(t) filter (where buys and t >= change) as bought from (\
          select cart, t, buys, max(t) filter (where not buys) over (partition by cart) as change \
          from \(rows.table(columns, where: [rows.hasTime])) as r(cart, t, buys) \
          where cart is not null and buys is not null) r \
          where change is not null group by cart, change) c
          """)
      })
  }
}
