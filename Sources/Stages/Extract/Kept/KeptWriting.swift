import FrameFiles
import Frames
import Synchronization
import Threads

/// Writes rows into ranges. Blocks the thread.
struct KeptWriting: Sendable {
  let folder: KeptFolder
  let plan: KeptPlan
  /// Columns by which rows are ordered.
  let key: [String]
  /// The source's clock.
  let now: Instant

  private var watermark: Watermark { plan.watermark }

  /// Keeps the settled rows of all.
  /// - Parameter frame: all rows, in order.
  func replace(with frame: Frame) throws -> KeptManifest {
    var manifest = KeptManifest(about: plan.about, ranges: [])
    if let settled = try settled(of: frame) {
      let bounds = KeptRanges.bounds(
        of: try frame.wholeNumbers(watermark.column), below: settled, watermark)
      let rows = try divided(frame, by: bounds, below: settled)
      let ranges = Mutex([KeptRange?](repeating: nil, count: rows.count))
      try SharedWork.forEach(rows.count, threads: 2) { take in
        while let place = take() {
          let range = try range(
            frame.taking(rows[place]).ordered(by: key), from: place == 0 ? nil : bounds[place - 1],
            below: place == bounds.count ? settled : bounds[place])
          ranges.withLock { $0[place] = range }
        }
      }
      manifest.ranges = ranges.withLock { $0.compactMap(\.self) }
    }
    try folder.commit(manifest)
    return manifest
  }

  /// Adds the rows that have settled since.
  /// - Parameters:
  ///   - manifest: what is kept, with at least one range.
  ///   - frame: the rows that are not kept.
  func add(_ frame: Frame, to manifest: KeptManifest) throws -> KeptManifest {
    var manifest = manifest
    guard let last = manifest.ranges.last else { return manifest }
    if let settled = try settled(of: frame), settled > last.below {
      let added = frame.taking(try divided(frame, by: [], below: settled)[0])
      if added.rowCount == 0 {
        manifest.ranges[manifest.ranges.count - 1].below = settled
      } else if last.rows + added.rowCount <= KeptRanges.size(of: manifest.rows + added.rowCount) {
        manifest.ranges[manifest.ranges.count - 1] = try together(
          [.file(try folder.open(last)), .frame(added)], from: last.from, below: settled)
      } else {
        manifest.ranges.append(
          try range(added.ordered(by: key), from: last.below, below: settled))
      }
    }
    if let place = KeptRanges.pair(of: manifest.ranges) {
      let (first, second) = (manifest.ranges[place], manifest.ranges[place + 1])
      var range = try together(
        [.file(try folder.open(first)), .file(try folder.open(second))], from: first.from,
        below: second.below)
      range.proved = min(first.proved, second.proved)
      manifest.ranges.replaceSubrange(place...place + 1, with: [range])
    }
    try folder.commit(manifest)
    return manifest
  }

  private func together(
    _ parts: [FrameAssembly.Part], from: Int64?, below: Int64
  ) throws -> KeptRange {
    try range(try FrameAssembly(parts).frame().ordered(by: key), from: from, below: below)
  }

  private func range(_ frame: Frame, from: Int64?, below: Int64) throws -> KeptRange {
    KeptRange(
      file: try folder.write(frame), from: from, below: below, rows: frame.rowCount,
      greatest: try frame.column(plan.compared).greatest(below: nil), proved: now.microseconds)
  }

  /// Up to where rows are settled; nil where none has a watermark.
  private func settled(of frame: Frame) throws -> Int64? {
    // Infinity says nothing of how far the others are.
    try frame.column(watermark.column).greatest(below: .max).flatMap {
      watermark.settled(greatest: $0, now: now)
    }
  }

  /// The rows of each range, in their order; those that are not below the end are in none.
  private func divided(_ frame: Frame, by bounds: [Int64], below end: Int64) throws -> [[Int32]] {
    var rows = [[Int32]](repeating: [], count: bounds.count + 1)
    let column = try frame.column(watermark.column)
    let values = try frame.wholeNumbers(watermark.column)
    var place = 0
    for row in values.indices where values[row] < end && !column.isNull(row) {
      let value = values[row]
      // Neighbours are of one range as a rule.
      while place > 0, value < bounds[place - 1] { place -= 1 }
      while place < bounds.count, value >= bounds[place] { place += 1 }
      rows[place].append(Int32(row))
    }
    return rows
  }
}

extension Column {
  /// The greatest value of a column of integers, of those below a bound; nil where there is none.
  func greatest(below end: Int64?) -> Int64? {
    guard case .int64(let values) = values else { return nil }
    var greatest: Int64?
    for row in values.indices where greatest.map({ values[row] > $0 }) ?? true {
      if !isNull(row), end.map({ values[row] < $0 }) ?? true { greatest = values[row] }
    }
    return greatest
  }
}
