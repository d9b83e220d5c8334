/// Places boxes in columns so that lines run between them: a layered drawing (Sugiyama), where a line
/// that crosses a column gets a slot of its own there, and each column is ordered by the mean place of
/// what it uses.
struct StageLayout {
  struct Point: Hashable {
    var x: Int
    var y: Int
  }

  /// The upper left corner of each box.
  private(set) var corners: [String: Point] = [:]
  /// The points of the line for each use, from the used box's right edge to the user's left.
  private(set) var lines: [[Point]] = []
  private(set) var size = Point(x: 0, y: 0)

  private struct Slot: Hashable {
    let box: String
    /// For a slot that a line passes through, the user at its end.
    let passesTo: String?
    let column: Int
  }

  static let margin = 20
  static let passage = 14

  init(
    boxes: [(name: String, uses: [String], height: Int)], width: Int, across: Int, down: Int
  ) {
    let heights = Dictionary(
      boxes.map { ($0.name, $0.height) }, uniquingKeysWith: { first, _ in first })
    var columnOf: [String: Int] = [:]
    for box in boxes {
      columnOf[box.name] = (box.uses.compactMap { columnOf[$0] }.max() ?? -1) + 1
    }
    // A box that nothing has to come before moves next to its first user.
    for box in boxes where box.uses.isEmpty {
      let users = boxes.filter { $0.uses.contains(box.name) }.compactMap { columnOf[$0.name] }
      if let first = users.min() { columnOf[box.name] = max(0, first - 1) }
    }
    var columns = [[Slot]](repeating: [], count: (columnOf.values.max() ?? -1) + 1)
    var before: [Slot: [Slot]] = [:]
    var chains: [[Slot]] = []
    for box in boxes {
      let own = Slot(box: box.name, passesTo: nil, column: columnOf[box.name] ?? 0)
      columns[own.column].append(own)
      for use in box.uses {
        guard let start = columnOf[use] else { continue }
        var chain = [Slot(box: use, passesTo: nil, column: start)]
        for column in (start + 1)..<max(start + 1, own.column) {
          let slot = Slot(box: use, passesTo: box.name, column: column)
          columns[column].append(slot)
          before[slot] = [chain[chain.count - 1]]
          chain.append(slot)
        }
        before[own, default: []].append(chain[chain.count - 1])
        chains.append(chain + [own])
      }
    }
    var centre: [Slot: Double] = [:]
    for column in columns.indices {
      let ordered = columns[column].enumerated().sorted { a, b in
        func mean(_ slot: Slot) -> Double {
          let places = (before[slot] ?? []).compactMap { centre[$0] }
          return places.isEmpty ? 0 : places.reduce(0, +) / Double(places.count)
        }
        let (left, right) = (mean(a.element), mean(b.element))
        return left != right ? left < right : a.offset < b.offset
      }.map(\.element)
      var y = Self.margin
      for slot in ordered {
        let height = slot.passesTo == nil ? heights[slot.box] ?? 0 : Self.passage
        if slot.passesTo == nil {
          corners[slot.box] = Point(x: Self.margin + column * (width + across), y: y)
        }
        centre[slot] = Double(y + min(height, 40) / 2)
        y += height + (slot.passesTo == nil ? down : 6)
        size.y = max(size.y, y)
      }
    }
    size.x = Self.margin + columns.count * (width + across)
    lines = chains.map { chain in
      chain.enumerated().flatMap { place, slot -> [Point] in
        let x = Self.margin + slot.column * (width + across)
        let y = Int(centre[slot] ?? 0)
        if place == 0 { return [Point(x: x + width, y: y)] }
        if place == chain.count - 1 { return [Point(x: x, y: y)] }
        return [Point(x: x, y: y), Point(x: x + width, y: y)]
      }
    }
  }
}
