extension Life {
  /// Places an order and decides how its delivery will go.
  mutating func order(_ first: Product, day: Int, at instant: Int64) {
    let lines = basket(first, day: day)
    let faulty = random.chance(0.05)
    let status: OrderStatus =
      random.chance(0.04)
      ? .cancelled : random.chance(faulty ? 0.35 : 0.015) ? .refunded : .completed
    let promised = instant + Int64(random.integer(2...4)) * Duration.day
    var lateDays = 0.0
    let trouble = market.courierTrouble(in: traits.city, day: day)
    if random.chance(trouble ? 0.5 : City.all[traits.city].lateShare) {
      lateDays = 0.5 + random.gamma(shape: 2)
    }
    let early = random.uniform(0.1...1.8)
    let arrival =
      lateDays > 0
      ? promised + Int64(lateDays * 86_400) * Duration.second
      : promised - Int64(early * 86_400) * Duration.second
    let isDelivered = status != .cancelled && arrival < market.calendar.endInstant
    let travels = random.chance(0.04)
    let elsewhere = random.index(weights: City.weights)
    let otherChannel = OrderChannel.allCases[
      random.index(weights: OrderChannel.allCases.map(\.weight))]
    let channel = random.chance(0.8) ? person.channel : otherChannel
    let id = records.order(
      lines: lines, status: status, city: City.all[travels ? elsewhere : traits.city].name,
      channel: channel.rawValue, orderedAt: instant,
      promisedAt: promised, deliveredAt: isDelivered ? arrival : nil)
    lastOrderDay = day
    if status != .cancelled {
      // Lateness is felt when the promise is broken, everything else when the parcel is there.
      let noticed = market.calendar.day(of: lateDays > 0 ? promised : arrival) + 1
      pending.append(
        Pending(
          day: noticed, order: id, product: first, isLate: lateDays > 0, isFaulty: faulty))
    }
  }

  private mutating func basket(_ first: Product, day: Int) -> [BasketLine] {
    var lines: [BasketLine] = []
    var share = traits.usualDiscount
    if day >= traits.discountCutDay { share *= 0.15 }
    var product = first
    repeat {
      let price = market.cents(of: product, day: day)
      let quantity = Int64(random.chance(0.8) ? 1 : random.integer(2...3))
      let usual = random.chance(0.9) ? share * random.uniform(0.6...1.6) : 0
      let given = day < mood.charmedUntil ? max(usual, mood.coupon) : usual
      lines.append(
        BasketLine(
          product: product.id, quantity: quantity, price: price,
          discount: Int64(Double(price * quantity) * given)))
      product = market.catalogue.product(of: pickCategory(), random: &random)
    } while lines.count < 5 && random.chance(0.3)
    return lines
  }

  /// What orders bring about on this day: annoyance, complaints, reviews.
  mutating func settle(_ day: Int) {
    guard pending.contains(where: { $0.day <= day }) else { return }
    let due = pending.filter { $0.day <= day }
    pending.removeAll { $0.day <= day }
    for item in due {
      var isAnnoyed = false
      if item.isLate {
        mood.lateParcels += 1
        isAnnoyed = true
        if random.chance(0.25) {
          records.complain(.lateDelivery, order: item.order, at: instant(day))
        }
      }
      if item.isFaulty {
        isAnnoyed = true
        if random.chance(0.75) {
          records.complain(
            random.chance(0.7) ? .quality : .refund, order: item.order, at: instant(day))
          // Half of the complaints are handled badly.
          if random.chance(0.55) {
            mood.badService += 1
            if random.chance(0.5) {
              records.complain(.service, order: item.order, at: instant(day))
            }
          }
        }
      }
      if random.chance(isAnnoyed ? 0.3 : 0.16) { review(item, isAnnoyed: isAnnoyed, day: day) }
    }
  }

  private mutating func review(_ item: Pending, isAnnoyed: Bool, day: Int) {
    let stars =
      isAnnoyed
      ? 1 + random.index(weights: [5, 4, 2, 1, 0]) : 1 + random.index(weights: [1, 1, 3, 20, 40])
    let text = ReviewText.pick(
      stars: stars, isLate: item.isLate, isFaulty: item.isFaulty, random: &random)
    let at = instant(day)
    records.review(product: item.product.id, order: item.order, stars: stars, text: text, at: at)
  }
}

/// A line of an order before it is written down; money in hundredths of a yuan.
struct BasketLine {
  let product: Int64
  let quantity: Int64
  let price: Int64
  let discount: Int64
}
