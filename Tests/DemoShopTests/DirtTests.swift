import Testing

@testable import DemoShop

@Suite struct DirtTests {
  private let orders = ShopFixture.rows.orders
  private var end: Int64 { ShopFixture.calendar.endInstant }

  private func share(_ isDirty: (OrderRow) -> Bool) -> Double {
    Double(orders.count(where: isDirty)) / Double(orders.count)
  }

  @Test func `duplicates are exact or corrections`() {
    var exact = 0
    var corrected = 0
    for (_, rows) in Dictionary(grouping: orders, by: \.id) where rows.count > 1 {
      for later in rows.dropFirst() {
        if later.status == rows[0].status {
          exact += 1
          #expect(later.updatedAt == rows[0].updatedAt)
          #expect(later.amount == rows[0].amount)
        } else {
          corrected += 1
          #expect(later.updatedAt > rows[0].updatedAt)
        }
      }
    }
    let count = Double(orders.count)
    #expect((0.002...0.004).contains(Double(exact) / count))
    #expect((0.002...0.004).contains(Double(corrected) / count))
  }

  @Test func `every other kind is there`() {
    #expect((0.001...0.003).contains(share { $0.amount < 0 }))
    #expect((0.005...0.015).contains(share { $0.city == nil }))
    #expect((0.015...0.025).contains(share { $0.channel == nil }))
    #expect((0.0001...0.001).contains(share { $0.orderedAt >= end }))
    #expect((0.005...0.02).contains(share { $0.loadedAt > $0.orderedAt + Duration.day }))
    let names = Set(City.all.map(\.name))
    #expect((0.05...0.1).contains(share { $0.city.map { !names.contains($0) } ?? false }))
  }

  @Test func `cleaned cities are known`() {
    let names = Set(City.all.map { $0.name.lowercased() })
    for city in orders.compactMap(\.city) {
      #expect(names.contains(city.lowercased().trimmingPrefix(" ").description.trimmedEnd))
    }
  }

  /// What was paid is what the lines say, to the cent, but for the sign.
  @Test func `amounts are the sums of lines`() {
    var sums: [Int64: (paid: Int64, discount: Int64)] = [:]
    for line in ShopFixture.rows.orderLines {
      sums[line.order, default: (0, 0)].paid += line.price * line.quantity - line.discount
      sums[line.order, default: (0, 0)].discount += line.discount
    }
    #expect(
      orders.allSatisfy {
        sums[$0.id].map(\.paid) == abs($0.amount) && sums[$0.id].map(\.discount) == $0.discount
      })
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
