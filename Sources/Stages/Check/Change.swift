import Diagnostics
import PipelineFiles

/// How far rows may lie from those of the last published runs.
struct Change: Record {
  static let about = "How far the rows may lie from those of the last published runs."
  let rows: Share?
  let nulls: EntriesByName<ColumnName, Share>
  let sums: EntriesByName<ColumnName, Share>
  let against: RunCount

  init(_ keys: inout Keys) {
    rows = keys("rows", "How far the number of rows may lie from the median, as a share of it.")
    nulls = keys(
      "nulls",
      "Columns with how far their share of nulls may lie from the median: 5% from 10% up to 15%.",
      default: .empty, shown: "none")
    sums = keys(
      "sums", "Columns with how far their sum may lie from the median, as a share of it.",
      default: .empty, shown: "none")
    against = keys(
      "against", "How many of the last published runs for earlier as-ofs have the median.",
      default: RunCount(count: 7), shown: "7 runs")
  }
}

/// A number of runs: `7 runs`.
struct RunCount: Word {
  static let word = WordShape(
    name: "a number of runs", example: "7 runs", pattern: "^([2-9]|[1-9][0-9]+) runs$|^1 run$",
    scalars: [.string])
  let count: Int

  init(count: Int) { self.count = count }

  init(parsing snippet: Snippet) throws {
    let words = snippet.text.split(separator: " ")
    guard words.count == 2, let count = Int(words[0]), words[0].allSatisfy(\.isNumber),
      words[0].first != "0", count <= 1000, words[1] == (count == 1 ? "run" : "runs")
    else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not a number of runs", help: "write it as 7 runs, at most 1000")
    }
    self.count = count
  }
}
