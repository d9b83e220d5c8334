/// The rows that one life leaves behind. Keys are the user's number followed by a count, so that
/// nobody's keys depend on anybody else's rows.
struct LifeRecords {
  let user: Int64
  private(set) var orders: [OrderRow] = []
  private(set) var orderLines: [OrderLineRow] = []
  private(set) var events: [EventRow] = []
  private(set) var reviews: [ReviewRow] = []
  private(set) var complaints: [ComplaintRow] = []
  private(set) var sends: [SendRow] = []

  init(user: Int64) { self.user = user }

  /// More than any history of `DemoShop.historyDays` has rows of one kind.
  private static let keysPerUser: Int64 = 100_000

  private func key(_ count: Int) -> Int64 { user * Self.keysPerUser + Int64(count) + 1 }

  var lastOrder: Int64? { orders.last?.id }

  mutating func event(_ kind: EventKind, product: Int64?, dwell: Int64?, at: Int64) {
    events.append(
      EventRow(
        id: key(events.count), user: user, kind: kind, product: product, dwell: dwell, at: at))
  }

  /// Writes down an order with its lines, and that it answers the campaigns opened in the last seven
  /// days. Returns its key.
  mutating func order(
    lines: [BasketLine], status: OrderStatus, city: String, channel: String, orderedAt: Int64,
    promisedAt: Int64, deliveredAt: Int64?
  ) -> Int64 {
    let id = key(orders.count)
    var amount: Int64 = 0
    var discount: Int64 = 0
    for (index, line) in lines.enumerated() {
      amount += line.price * line.quantity - line.discount
      discount += line.discount
      orderLines.append(
        OrderLineRow(
          order: id, line: Int64(index + 1), product: line.product, quantity: line.quantity,
          price: line.price, discount: line.discount))
    }
    orders.append(
      OrderRow(
        id: id, user: user, status: status, amount: amount, discount: discount, city: city,
        channel: channel, orderedAt: orderedAt, updatedAt: orderedAt, loadedAt: orderedAt,
        promisedAt: promisedAt, deliveredAt: deliveredAt))
    for index in sends.indices where sends[index].convertedAt == nil {
      if let opened = sends[index].openedAt, opened <= orderedAt,
        orderedAt < opened + 7 * Duration.day
      {
        sends[index].convertedAt = orderedAt
      }
    }
    return id
  }

  mutating func review(product: Int64, order: Int64, stars: Int, text: String, at: Int64) {
    reviews.append(
      ReviewRow(
        id: key(reviews.count), user: user, product: product, order: order, stars: Int64(stars),
        text: text, at: at))
    event(.review, product: product, dwell: nil, at: at)
  }

  mutating func complain(_ kind: ComplaintKind, order: Int64?, at: Int64) {
    complaints.append(
      ComplaintRow(id: key(complaints.count), user: user, order: order, kind: kind, at: at))
  }

  mutating func send(_ campaign: Campaign, sentAt: Int64, openedAt: Int64?) {
    sends.append(
      SendRow(
        id: key(sends.count), user: user, campaign: campaign.name,
        channel: campaign.channel.rawValue, sentAt: sentAt, openedAt: openedAt, convertedAt: nil))
  }
}
