/// One of the shop's own campaigns. Who opens it buys more for some days and is less likely to leave.
struct Campaign: Sendable {
  let name: String
  let channel: Channel
  let offer: String
  /// Share of a basket that the offer takes off.
  let discount: Double
  let day: Int

  enum Channel: String, CaseIterable, Sendable {
    case appPush = "app_push"
    case sms
    case email

    /// How many of those who get a message open it.
    var openRate: Double {
      switch self {
      case .appPush: 0.22
      case .sms: 0.18
      case .email: 0.12
      }
    }

    /// What a message costs, in hundredths of a yuan.
    var cents: Int64 {
      switch self {
      case .appPush: 1
      case .sms: 5
      case .email: 1
      }
    }
  }

  /// The share of those with consent who get a campaign.
  static let reach = 0.3

  /// One every 14 days, the last 6 days before the end.
  static func all(in calendar: HistoryCalendar) -> [Campaign] {
    let days = calendar.days
    let offers = [("coupon_20", 0.2), ("full_reduction", 0.1), ("double_points", 0), ("new_in", 0)]
    return stride(from: 6, to: days, by: 14).map { back in
      let number = back / 14
      let channel = Channel.allCases[number % Channel.allCases.count]
      let (offer, discount) = offers[number % offers.count]
      return Campaign(
        name: "\(offer) \(calendar.date(days - back).text)", channel: channel, offer: offer,
        discount: discount,
        day: days - back)
    }.reversed()
  }
}
