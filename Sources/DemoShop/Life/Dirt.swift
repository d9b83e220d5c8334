/// Makes orders as dirty as a real shop's, on purpose and with a stream of its own: without dirt the
/// same lives would be lived.
enum Dirt {
  static let duplicateShare = 0.003
  static let correctedShare = 0.003
  static let negativeShare = 0.002
  static let futureShare = 0.0003
  static let lateRowShare = 0.01

  /// The orders as the shop's database holds them.
  static func soil(_ orders: [OrderRow], user: Int64, market: Market) -> [OrderRow] {
    var random = Random(seed: market.seed, purpose: .dirt, number: user)
    var soiled: [OrderRow] = []
    soiled.reserveCapacity(orders.count + 1)
    for order in orders {
      var order = order
      order.loadedAt = order.orderedAt + Int64(random.uniform(20...900)) * Duration.second
      order.updatedAt = order.loadedAt
      if random.chance(lateRowShare) {
        order.loadedAt += Int64(random.uniform(1...10) * 86_400) * Duration.second
        order.updatedAt = order.loadedAt
      }
      if random.chance(negativeShare) { order.amount = -order.amount }
      if random.chance(futureShare) {
        order.orderedAt += Int64(random.integer(366...1200)) * Duration.day
      }
      order.city = city(order.city, &random)
      if random.chance(0.02) { order.channel = nil }
      soiled.append(order)
      if random.chance(duplicateShare) { soiled.append(order) }
      if random.chance(correctedShare), order.status == .completed {
        order.status = random.chance(0.5) ? .refunded : .cancelled
        order.updatedAt += Int64(random.uniform(0.5...12) * 86_400) * Duration.second
        order.loadedAt = order.updatedAt + 5 * Duration.minute
        soiled.append(order)
      }
    }
    return soiled
  }

  private static func city(_ city: String?, _ random: inout Random) -> String? {
    let u = random.uniform()
    return switch u {
    case ..<0.01: nil
    case ..<0.03: city?.uppercased()
    case ..<0.05: city?.lowercased()
    case ..<0.06: city.map { " " + $0 }
    case ..<0.08: city.map { $0 + " " }
    default: city
    }
  }
}
