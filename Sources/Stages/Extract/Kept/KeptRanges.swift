import Frames

/// How rows are divided into ranges, and which of these are read again tonight.
enum KeptRanges {
  /// So many ranges are made of a table that is large enough.
  static let usualCount = 60
  /// So many may come together before small ones are put together.
  static let greatestCount = 90
  static let fewestRows = 1000
  /// Everything is read again once in so many nights.
  static let nights = 30

  /// The rows that a range has as a rule.
  static func size(of rows: Int) -> Int { max(fewestRows, rows / usualCount) }

  /// Bounds that divide watermarks into ranges of about one size; each is greater than the one before,
  /// and all are above the least value and below `end`.
  static func bounds(of values: [Int64], below end: Int64, _ watermark: Watermark) -> [Int64] {
    // A sample is enough: ranges need not be equal.
    let step = max(1, values.count / 100_000)
    let sample = stride(from: 0, to: values.count, by: step).map { values[$0] }
      .filter { $0 < end && $0 > .min }.sorted()
    let rows = sample.count * step
    let count = rows / size(of: rows)
    guard count > 1, let least = sample.first else { return [] }
    var bounds: [Int64] = []
    for place in 1..<count {
      let bound = watermark.rounded(sample[sample.count * place / count])
      if bound > bounds.last ?? least, bound < end { bounds.append(bound) }
    }
    return bounds
  }

  /// The places of the ranges that are read again: the newest, and those that were proved longest ago,
  /// so many that in thirty nights it is everyone's turn.
  static func due(_ ranges: [KeptRange], all: Bool) -> [Int] {
    if all || ranges.isEmpty { return Array(ranges.indices) }
    let old = ranges.indices.dropLast().sorted {
      (ranges[$0].proved, $0) < (ranges[$1].proved, $1)
    }
    return old.prefix((old.count + nights - 1) / nights).sorted() + [ranges.count - 1]
  }

  /// The neighbours that are to be put together, because there are too many ranges.
  static func pair(of ranges: [KeptRange]) -> Int? {
    guard ranges.count > greatestCount else { return nil }
    return ranges.indices.dropLast().min {
      ranges[$0].rows + ranges[$0 + 1].rows < ranges[$1].rows + ranges[$1 + 1].rows
    }
  }
}
