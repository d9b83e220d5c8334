/// Rows of the shop's tables, as lives produce them. Instants are microseconds since 2000-01-01 UTC,
/// money is in hundredths of a yuan.
struct UserRow: Sendable {
  let id: Int64
  let person: Person
  let traits: Traits
}

struct OrderRow: Sendable {
  let id: Int64
  let user: Int64
  var status: OrderStatus
  var amount: Int64
  let discount: Int64
  var city: String?
  var channel: String?
  var orderedAt: Int64
  var updatedAt: Int64
  var loadedAt: Int64
  let promisedAt: Int64
  let deliveredAt: Int64?
}

enum OrderStatus: String, Sendable { case completed, cancelled, refunded }

struct OrderLineRow: Sendable {
  let order: Int64
  let line: Int64
  let product: Int64
  let quantity: Int64
  let price: Int64
  let discount: Int64
}

struct EventRow: Sendable {
  let id: Int64
  let user: Int64
  let kind: EventKind
  let product: Int64?
  let dwell: Int64?
  let at: Int64
}

enum EventKind: String, Sendable { case view, search, cart, purchase, share, like, review }

struct ReviewRow: Sendable {
  let id: Int64
  let user: Int64
  let product: Int64
  let order: Int64
  let stars: Int64
  let text: String
  let at: Int64
}

struct ComplaintRow: Sendable {
  let id: Int64
  let user: Int64
  let order: Int64?
  let kind: ComplaintKind
  let at: Int64
}

enum ComplaintKind: String, Sendable {
  case lateDelivery = "late_delivery"
  case quality, service, refund
}

struct CampaignRow: Sendable {
  let campaign: Campaign
  /// Days since 2000-01-01.
  let startsOn: Int64
}

struct SendRow: Sendable {
  let id: Int64
  let user: Int64
  let campaign: String
  let channel: String
  let sentAt: Int64
  let openedAt: Int64?
  var convertedAt: Int64?
}

struct FollowRow: Sendable {
  let follower: Int64
  let followee: Int64
  let since: Int64
}

/// What is true of a user and what no pipeline may read.
struct TruthRow: Sendable {
  let traits: Traits
  let decidedAt: Int64?
  let leftAt: Int64?
  let reason: LeavingReason?
  let hazards: Hazards
}

/// The rows of some users.
struct ShopRows: Sendable {
  var users: [UserRow] = []
  var orders: [OrderRow] = []
  var orderLines: [OrderLineRow] = []
  var events: [EventRow] = []
  var reviews: [ReviewRow] = []
  var complaints: [ComplaintRow] = []
  var sends: [SendRow] = []
  var follows: [FollowRow] = []
  var truth: [TruthRow] = []
}
