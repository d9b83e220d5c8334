import Frames

/// Rows put in the order of a key; beside it Swift's sort of their places.
func orderingTable() throws -> Figures {
  let rows = 1_000_000
  var figures = Figures(
    title: "Ordering",
    meaning: "Million rows of four columns a second; beside it sorting the rows' places by the key "
      + "with Swift's sort, without moving any column.",
    header: ["rows", "Mrows/s", "sort, Mrows/s", "times the sort"])
  for (name, isShuffled) in [("in random order", true), ("in order already", false)] {
    var numbers = Numbers(seed: 2)
    let keys = (0..<rows).map { isShuffled ? Int64(numbers.next() >> 2) : Int64($0) }
    let column = Column(type: .int8, values: .int64(keys))
    let fields = ["key", "a", "b", "c"].map { Field($0, .int8) }
    let frame = Frame(
      schema: Schema(fields), columns: Array(repeating: column, count: 4), rowCount: rows)
    let ordering = fastest(of: 3) { keep(frame.ordered(by: ["key"]).rowCount) }
    let sorting = fastest(of: 3) {
      keep((0..<Int32(rows)).sorted { keys[Int($0)] < keys[Int($1)] }.count)
    }
    figures.add(name, count: rows, ordering, sorting)
  }
  return figures
}
