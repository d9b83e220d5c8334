import Frames

private let money = ColumnType.numeric(precision: 12, scale: 2)

/// The tables of schema `shop`. Orders have no primary key: dirt breaks it.
enum ShopTables {
  static let users = Table<UserRow>(
    "users", "Who signed up.", key: ["user_id"],
    [
      .int("user_id", .int8, "Key.") { $0.id },
      .text("email", "E-mail address.", isPersonal: true) { $0.person.email },
      .text("phone", "Phone number.", isPersonal: true) { $0.person.phone },
      .text("full_name", "Family name and given name.", isPersonal: true) { $0.person.name },
      .optionalText("city", "Where they live.") { $0.person.city },
      .optionalText("gender", "female, male, or not told.") { $0.person.gender },
      .optionalInt("birth_year", .int4, "Year of birth, if told.") { $0.person.birthYear },
      .text("channel", "Where they signed up: app, web, store, mini_program.") {
        $0.person.channel.rawValue
      },
      .text("member_level", "normal, silver, gold or vip; granted at sign-up.") {
        $0.person.level.rawValue
      },
      .int("signed_up_at", .timestamptz, "When they signed up.") { $0.traits.signedUpAt },
      .bool("phone_consent", "May be phoned and sent text messages.") {
        $0.person.consents[.sms] == true
      },
      .bool("push_consent", "May be sent notifications in the app.") {
        $0.person.consents[.appPush] == true
      },
      .bool("email_consent", "May be sent e-mail.") { $0.person.consents[.email] == true },
    ])

  static let products = Table<Product>(
    "products", "What is sold.", key: ["product_id"],
    [
      .int("product_id", .int8, "Key.") { $0.id },
      .text("category", "Category.") { Catalogue.categories[$0.category].name },
      .text("brand", "Brand.") { $0.brand },
      .int("price", money, "Today's price in yuan.") { $0.cents },
    ])

  static let orders = Table<OrderRow>(
    "orders", "Orders, with duplicates and other faults as the sources deliver them.",
    key: [], index: ["order_id", "user_id"],
    [
      .int("order_id", .int8, "Key, but for duplicates.") { $0.id },
      .int("user_id", .int8, "Who ordered.") { $0.user },
      .text("status", "completed, cancelled or refunded.") { $0.status.rawValue },
      .int("amount", money, "What was paid in yuan, after the discount.") { $0.amount },
      .int("discount", money, "What was taken off, in yuan.") { $0.discount },
      .optionalText("city", "Where it was sent.") { $0.city },
      .optionalText("channel", "Where it was ordered: app, web, store, mini_program.") {
        $0.channel
      },
      .int("ordered_at", .timestamptz, "When it was ordered.") { $0.orderedAt },
      .int("updated_at", .timestamptz, "When the row was last changed.") { $0.updatedAt },
      .int("loaded_at", .timestamptz, "When the row became known here.") { $0.loadedAt },
      .int("promised_at", .timestamptz, "Until when delivery was promised.") { $0.promisedAt },
      .optionalInt("delivered_at", .timestamptz, "When it was delivered.") { $0.deliveredAt },
    ])

  static let orderLines = Table<OrderLineRow>(
    "order_lines", "What was ordered.", key: ["order_id", "line"],
    [
      .int("order_id", .int8, "The order.") { $0.order },
      .int("line", .int4, "Number in the order, from 1.") { $0.line },
      .int("product_id", .int8, "The product.") { $0.product },
      .int("quantity", .int4, "How many.") { $0.quantity },
      .int("price", money, "Price of one in yuan, before the discount.") { $0.price },
      .int("discount", money, "What was taken off the line, in yuan.") { $0.discount },
    ])

  static let events = Table<EventRow>(
    "events", "What people did in the shop.", key: ["event_id"],
    [
      .int("event_id", .int8, "Key.") { $0.id },
      .int("user_id", .int8, "Who did it.") { $0.user },
      .text("kind", "view, search, cart, purchase, share, like or review.") { $0.kind.rawValue },
      .optionalInt("product_id", .int8, "What it was about.") { $0.product },
      .optionalInt("dwell_seconds", .int4, "How long it was looked at.") { $0.dwell },
      .int("occurred_at", .timestamptz, "When it happened.") { $0.at },
    ])

  static let reviews = Table<ReviewRow>(
    "reviews", "What people wrote about products.", key: ["review_id"],
    [
      .int("review_id", .int8, "Key.") { $0.id },
      .int("user_id", .int8, "Who wrote it.") { $0.user },
      .int("product_id", .int8, "About what.") { $0.product },
      .int("order_id", .int8, "In which order it was bought.") { $0.order },
      .int("stars", .int4, "1 (bad) to 5 (good).") { $0.stars },
      .text("text", "What was written, in Chinese or English.") { $0.text },
      .int("written_at", .timestamptz, "When it was written.") { $0.at },
    ])

  static let complaints = Table<ComplaintRow>(
    "complaints", "What people complained about.", key: ["complaint_id"],
    [
      .int("complaint_id", .int8, "Key.") { $0.id },
      .int("user_id", .int8, "Who complained.") { $0.user },
      .optionalInt("order_id", .int8, "About which order.") { $0.order },
      .text("kind", "late_delivery, quality, service or refund.") { $0.kind.rawValue },
      .int("opened_at", .timestamptz, "When it was opened.") { $0.at },
    ])

  static let campaigns = Table<CampaignRow>(
    "campaigns", "The shop's own campaigns.", key: ["campaign"],
    [
      .text("campaign", "Name, and key.") { $0.campaign.name },
      .text("channel", "app_push, sms or email.") { $0.campaign.channel.rawValue },
      .text("offer", "What was offered.") { $0.campaign.offer },
      .int("cost_per_send", money, "What one message costs, in yuan.") {
        $0.campaign.channel.cents
      },
      .int("starts_on", .date, "The day it was sent.") { $0.startsOn },
    ])

  static let sends = Table<SendRow>(
    "campaign_sends", "Messages sent, and what came of them.", key: ["send_id"],
    [
      .int("send_id", .int8, "Key.") { $0.id },
      .int("user_id", .int8, "To whom.") { $0.user },
      .text("campaign", "For which campaign.") { $0.campaign },
      .text("channel", "app_push, sms or email.") { $0.channel },
      .int("sent_at", .timestamptz, "When it was sent.") { $0.sentAt },
      .optionalInt("opened_at", .timestamptz, "When it was opened.") { $0.openedAt },
      .optionalInt("converted_at", .timestamptz, "The first order within 7 days of opening.") {
        $0.convertedAt
      },
    ])

  static let follows = Table<FollowRow>(
    "follows", "Who follows whom.", key: ["follower_id", "followee_id"],
    [
      .int("follower_id", .int8, "Who follows.") { $0.follower },
      .int("followee_id", .int8, "Who is followed.") { $0.followee },
      .int("since", .timestamptz, "Since when.") { $0.since },
    ])
}

/// The table of schema `shop_truth`, which no pipeline reads.
enum TruthTables {
  static let users = Table<TruthRow>(
    "users", "What is true of each user, for tests of what an analysis finds.", key: ["user_id"],
    [
      .int("user_id", .int8, "Key.") { $0.traits.user },
      .optionalInt("decided_at", .timestamptz, "When they decided to leave.") { $0.decidedAt },
      .optionalInt("left_at", .timestamptz, "Since when they are silent.") { $0.leftAt },
      .optionalText("reason", "price, delivery, service, need, competitor or unknown.") {
        $0.reason?.name
      },
      .double("visits_per_day", "Visits on an ordinary day while active.") {
        $0.traits.visitsPerDay
      },
      .double("buy_probability", "Orders per visit when in need.") { $0.traits.buyProbability },
      .double("cycle_days", "Days until they need something again.") { $0.traits.cycle },
      .double("price_sensitivity", "0 to 1.") { $0.traits.priceSensitivity },
      .double("impatience", "0 to 1.") { $0.traits.impatience },
      .double("response", "What an opened campaign multiplies their wish to buy by.") {
        $0.traits.response
      },
    ]
      + LeavingReason.allCases.map { reason in
        .double("hazard_\(reason.name)", "Hazard of leaving for this reason, added up over days.") {
          $0.hazards[reason]
        }
      })
}
