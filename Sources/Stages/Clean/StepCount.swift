import PipelineFiles

/// What one step did at the run's as-of, in numbers.
struct StepCount: Sendable {
  let label: String
  let isAsOf: Bool
  /// Rows that it changed or removed.
  let changed: Int
  /// Of these, rows that it removed.
  let removed: Int
  /// Of these, rows that it removed because they are bad.
  let rejected: Int
  /// For each column that it read, how many values could not be read.
  let unreadable: [(column: String, count: Int)]

  init(_ operation: any CleanOperation, _ outcome: CleanOutcome, removed: Int) {
    label = operation.label
    isAsOf = operation.isAsOf
    changed = outcome.changed
    self.removed = removed
    rejected = outcome.rejected.reduce(0) { $0 + $1.rows.rowCount }
    unreadable = outcome.unreadable
  }

  /// One line for a person; nil where nothing changed.
  var note: String? {
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

  var json: JSONValue {
    var object: [String: JSONValue] = [
      "step": .string(label), "looks_at": .string(isAsOf ? "as-of" : "row"),
      "changed": .integer(changed), "removed": .integer(removed), "rejected": .integer(rejected),
    ]
    if !unreadable.isEmpty {
      object["unreadable"] = .object(
        Dictionary(
          unreadable.map { ($0.column, .integer($0.count)) }, uniquingKeysWith: { a, _ in a }))
    }
    return .object(object)
  }
}
