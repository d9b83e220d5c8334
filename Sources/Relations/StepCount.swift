import Frames

/// What one step did at the run's as-of, in numbers.
public struct StepCount: Sendable {
  public let label: String
  public let isAsOf: Bool
  /// Rows that it changed or removed.
  public let changed: Int
  /// Of these, rows that it removed.
  public let removed: Int
  /// Rows that it removed because they are bad, as they were before, by reason.
  public let rejections: [RejectedRows]
  /// For each column that it read, how many values could not be read.
  public let unreadable: [(column: String, count: Int)]

  public init(
    _ step: RowStep, changed: Int, removed: Int, rejections: [RejectedRows],
    unreadable: [(column: String, count: Int)]
  ) {
    label = step.label
    isAsOf = step.isAsOf
    self.changed = changed
    self.removed = removed
    self.rejections = rejections
    self.unreadable = unreadable
  }

  /// Of the removed rows, those that are bad.
  public var rejected: Int { rejections.reduce(0) { $0 + $1.rows.rowCount } }

  /// One line for a person; nil where nothing changed.
  public var note: String? {
    guard changed > 0 else { return nil }
    var parts = ["\(label): \(changed) rows"]
    // Of a step that does nothing else, it need not be said that it removes.
    if removed > 0, removed < changed { parts.append("\(removed) of them rejected") }
    let failed = unreadable.filter { $0.count > 0 }
    if !failed.isEmpty {
      let counts = failed.map { "\($0.count) of \($0.column)" }.joined(separator: " and ")
      parts.append("not readable: \(counts)")
    }
    return parts.joined(separator: ", ")
  }
}

/// Rows that were removed because they are bad, as they were before.
public struct RejectedRows: Sendable {
  public let reason: String
  public let rows: Frame

  public init(reason: String, rows: Frame) {
    self.reason = reason
    self.rows = rows
  }
}
