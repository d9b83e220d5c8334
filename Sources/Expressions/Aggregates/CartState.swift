import Frames

/// What is counted of the carts of a group.
struct CartMeasure: Sendable {
  enum Kind { case abandonment, abandoned, open }

  let kind: Kind
  /// Microseconds in which a cart must be bought.
  let limit: Int64
  /// The as-of.
  let now: Int64
}

/// The rows of each group's carts. A cart is judged by the last row that does not buy it, its
/// last change: it is bought in time by a row from then on and before the limit after it.
struct CartState: AggregateState {
  private struct Row {
    let cart: Int32
    let time: Int64
    let buys: Bool
  }

  /// What became of the carts of a group.
  private struct Fates {
    var abandoned: Int64 = 0
    var bought: Int64 = 0
    var open: Int64 = 0
  }

  private let measure: CartMeasure
  private var rows: GroupedValues<Row>

  /// - Parameters:
  ///   - carts: not null for rows that count.
  ///   - bought: whether a row buys its cart; where it is null, the row does not count.
  init(
    carts: Column, bought: Vector, _ times: RowTimes, _ groups: [Int32], _ layout: GroupLayout,
    _ measure: CartMeasure
  ) {
    self.measure = measure
    let numbers = Grouping(by: [carts], rowCount: carts.count).groups
    let lane = bought.bools
    let rows = groups.indices.map { row in
      Row(
        cart: numbers[row], time: times.microseconds[row],
        buys: lane.values[row &* lane.stride])
    }
    var counted = times.groups(groups)
    for row in counted.indices where bought.isNull(row) { counted[row] = -1 }
    self.rows = GroupedValues(rows, counted, layout)
  }

  mutating func merge(_ source: Int, into target: Int) { rows.merge(source, into: target) }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    var sorted: [Row] = []
    let results = indices.map { group -> Fates in
      rows.copy(group, to: &sorted)
      // From the latest row of a cart back, what buys at the time of a change after it.
      sorted.sort { a, b in
        if a.cart != b.cart { return a.cart < b.cart }
        return a.time != b.time ? a.time > b.time : a.buys && !b.buys
      }
      return fates(of: sorted)
    }
    switch measure.kind {
    case .abandonment:
      let column = Column(
        type: type,
        values: .float64(
          results.map { Double($0.abandoned) / Double(max(1, $0.abandoned + $0.bought)) }),
        validity: results.map { $0.abandoned + $0.bought > 0 })
      return (column, nil)
    case .open: return (Column(type: type, values: .int64(results.map(\.open))), nil)
    case .abandoned: return (Column(type: type, values: .int64(results.map(\.abandoned))), nil)
    }
  }

  /// - Parameter rows: cart by cart, the latest row of a cart first.
  private func fates(of rows: [Row]) -> Fates {
    var fates = Fates()
    var place = 0
    while place < rows.count {
      let cart = rows[place].cart
      // The first purchase since the last change is the last one on the way back to it.
      var purchase: Int64?
      while place < rows.count, rows[place].cart == cart, rows[place].buys {
        purchase = rows[place].time
        place += 1
      }
      // Of a cart that has no other row it is not known when it was filled.
      if place < rows.count, rows[place].cart == cart {
        count(change: rows[place].time, purchase, in: &fates)
      }
      while place < rows.count, rows[place].cart == cart { place += 1 }
    }
    return fates
  }

  private func count(change: Int64, _ purchase: Int64?, in fates: inout Fates) {
    let (end, overflow) = change.addingReportingOverflow(measure.limit)
    if overflow || end > measure.now {
      if purchase == nil { fates.open += 1 }
    } else if let purchase, purchase < end {
      fates.bought += 1
    } else {
      fates.abandoned += 1
    }
  }
}
