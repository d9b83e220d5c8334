import Expressions
import Frames

/// One step of cleaning: rows in, rows out.
protocol CleanOperation: Sendable {
  /// Whether it looks at more than its own row, so that it must be repeated for every as-of.
  var isAsOf: Bool { get }
  /// What it does, in a few words: `deduplicate by order_id`.
  var label: String { get }
  /// The columns that it changes, with the columns that it makes them from and how.
  var assignments: [(column: String, from: Set<String>, by: String)] { get }
  /// The columns that it looks at; nil where it may look at all.
  var reads: Set<String>? { get }
  func apply(to frame: Frame, in context: EvaluationContext) async throws -> CleanOutcome
}

extension CleanOperation {
  var assignments: [(column: String, from: Set<String>, by: String)] { [] }
  var reads: Set<String>? { nil }
}

/// A step that gives rows other values by what it learns of all rows together, in whatever order they
/// come: it neither removes nor moves any.
protocol FittedOperation: CleanOperation {
  /// Changes all rows by what it learns of the seen ones; of those that are not seen it may make
  /// anything.
  /// - Parameter seen: one entry for each row; nil for all.
  func apply(to frame: Frame, fittedTo seen: [Bool]?) throws -> Frame
}

/// What a step made of a frame.
struct CleanOutcome: Sendable {
  let frame: Frame
  /// Rows that it removed or changed.
  let changed: Int
  /// Rows that it removed because they are bad, by reason.
  var rejected: [RejectedRows] = []
  /// For each column that it read, how many values could not be read.
  var unreadable: [(column: String, count: Int)] = []
}
