import Foundation

extension Life {
  /// One visit to the shop: looks around and, in need of something, may buy.
  mutating func visit(_ day: Int) {
    var clock = instant(day)
    let end = market.calendar.endInstant
    // An evening that runs past the last midnight is history that has not happened yet.
    func isOver(_ clock: Int64) -> Bool { clock >= end }

    let interest = mood.activity(day: day)
    let wants = market.catalogue.product(of: pickCategory(), random: &random)
    if random.chance(0.2) { look(.search, nil, median: 12, interest, &clock) }
    guard !isOver(clock) else { return }
    let buys = random.chance(buyProbability(day))
    repeat {
      look(.view, wants, median: 35, interest, &clock)
      if isOver(clock) { return }
    } while random.chance(buys ? 0.08 : 0.25)
    if random.chance(0.05) { look(.like, wants, median: nil, interest, &clock) }
    if random.chance(buys ? 0.5 : 0.15) { look(.cart, wants, median: 9, interest, &clock) }
    guard buys, !isOver(clock) else { return }
    let orderedAt = clock
    look(.purchase, wants, median: 60, interest, &clock)
    order(wants, day: day, at: orderedAt)
    if random.chance(0.04) { look(.share, wants, median: nil, interest, &clock) }
  }

  mutating func pickCategory() -> Int {
    let u = random.uniform()
    if u < 0.6 { return traits.mainCategory }
    if u < 0.85 { return traits.secondCategory }
    return random.below(Catalogue.categories.count)
  }

  /// Rises from almost nothing right after an order to the person's own probability, as what was
  /// bought is used up.
  private func buyProbability(_ day: Int) -> Double {
    let rest = Double(day - lastOrderDay) / traits.cycle
    let need = 1 - exp(-rest * rest)
    let charm = day < mood.charmedUntil ? traits.response : 1
    let dear = day >= traits.discountCutDay ? 1 - 0.6 * traits.priceSensitivity : 1
    return min(0.95, traits.buyProbability * (0.05 + 0.95 * need) * mood.readiness * charm * dear)
  }

  /// Writes down an event and lets its dwell time pass; the less interest, the shorter.
  private mutating func look(
    _ kind: EventKind, _ product: Product?, median: Double?, _ interest: Double,
    _ clock: inout Int64
  ) {
    guard clock < market.calendar.endInstant else { return }
    let dwell = median.map {
      Int64(random.logNormal(median: $0 * (0.5 + 0.5 * interest), spread: 0.7).rounded(.up))
    }
    records.event(kind, product: product?.id, dwell: dwell, at: clock)
    clock += ((dwell ?? 2) + 1) * Duration.second
  }
}
