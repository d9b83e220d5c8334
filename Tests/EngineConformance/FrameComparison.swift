import Frames
import Relations

/// Two frames that must hold the same rows, in whatever order.
struct FrameComparison {
  /// The first thing in which they differ; nil where they are the same.
  let difference: String?

  init(_ ours: Frame, _ theirs: Frame, _ shape: RelationShape) {
    difference = Self.difference(ours, theirs, shape)
  }

  private static func difference(
    _ ours: Frame, _ theirs: Frame, _ shape: RelationShape
  ) -> String? {
    guard ours.rowCount == theirs.rowCount else {
      return "\(ours.rowCount) rows in the one, \(theirs.rowCount) in the other"
    }
    guard ours.schema.names == theirs.schema.names, ours.schema.names == shape.schema.names else {
      return "the columns are \(ours.schema.names), \(theirs.schema.names) and were planned as "
        + "\(shape.schema.names)"
    }
    // By the key at first, so that the first difference is one of values.
    let key = shape.key.map { SortColumn($0) }
    let (left, right) = (ours.taking(ours.order(by: key)), theirs.taking(theirs.order(by: key)))
    for (field, (a, b)) in zip(shape.schema.fields, zip(left.columns, right.columns)) {
      guard a.type == b.type, a.type == field.type else {
        return "\(field.name) is of type \(a.type.sqlName), \(b.type.sqlName), planned as "
          + field.type.sqlName
      }
      // Equal are values that are one group: NaN and NaN, 0 and -0.
      let both = Grouping(
        by: [Column.concatenating([a, b])], rowCount: a.count + b.count
      ).groups
      let differing = (0..<a.count).first { row in
        both[row] != both[row + a.count] && !areAlmostEqual(a, b, row)
      }
      if let row = differing {
        let id = shape.key.map { name in
          "\(name) \(left[name].map { text($0, row) } ?? "?")"
        }
        return "\(field.name) of \(id.joined(separator: ", ")) is \(text(a, row)) in the one, "
          + "\(text(b, row)) in the other"
      }
    }
    return nil
  }

  /// Deviations and slopes depend on the order of sums in their last digits.
  private static func areAlmostEqual(_ a: Column, _ b: Column, _ row: Int) -> Bool {
    guard case .float64(let ours) = a.values, case .float64(let theirs) = b.values,
      !a.isNull(row), !b.isNull(row)
    else { return false }
    return abs(ours[row] - theirs[row]) <= 1e-9 * max(abs(ours[row]), abs(theirs[row]))
  }

  private static func text(_ column: Column, _ row: Int) -> String {
    guard !column.isNull(row) else { return "null" }
    switch column.values {
    case .bool(let values): return "\(values[row])"
    case .int64(let values): return "\(values[row])"
    case .int128(let values): return "\(values[row])"
    case .float64(let values): return "\(values[row])"
    case .interval(let values): return "\(values[row])"
    case .text(let codes, let dictionary): return "'\(dictionary[codes[row]])'"
    }
  }
}
