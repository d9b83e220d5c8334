import Frames

/// Keys of many rows numbered in the order of their first row; beside it a dictionary.
func groupingTable() throws -> Figures {
  let rows = 2_000_000
  var figures = Figures(
    title: "Grouping and looking up keys",
    meaning: "Million rows a second; beside it a Swift Dictionary of the same keys.",
    header: ["keys", "Mrows/s", "Dictionary, Mrows/s", "times the Dictionary"])
  for (name, groups) in [("200,000 different", 200_000), ("1,000 different", 1000)] {
    var numbers = Numbers(seed: 1)
    let keys = (0..<rows).map { _ in Int64(numbers.below(groups)) &* 7919 }
    let column = Column(type: .int8, values: .int64(keys))
    let grouping = fastest(of: 3) { keep(Grouping(by: [column], rowCount: rows).count) }
    let dictionary = fastest(of: 3) { keep(numbered(keys)) }
    figures.add("int8, \(name)", count: rows, grouping, dictionary)

    let searched = Column(type: .int8, values: .int64((0..<groups).map { Int64($0) &* 7919 }))
    let matching = fastest(of: 3) { keep(KeyMatch(of: [column], in: [searched]).rows.count) }
    let lookup = fastest(of: 3) { keep(found(keys, groups: groups)) }
    figures.add("int8, looked up among \(name)", count: rows, matching, lookup)
  }
  return figures
}

private func numbered(_ keys: [Int64]) -> [Int32] {
  var numbers: [Int64: Int32] = [:]
  return keys.map { key in
    if let number = numbers[key] { return number }
    let number = Int32(numbers.count)
    numbers[key] = number
    return number
  }
}

private func found(_ keys: [Int64], groups: Int) -> [Int32] {
  var places: [Int64: Int32] = [:]
  for place in 0..<groups { places[Int64(place) &* 7919] = Int32(place) }
  return keys.map { places[$0] ?? -1 }
}
