import Expressions
import Frames
import Relations

/// What is done to rows in memory: rows in, rows out.
protocol RowOperation: Sendable {
  func apply(to frame: Frame, in context: EvaluationContext) async throws -> RowOutcome
}

/// What an operation made of a frame.
struct RowOutcome: Sendable {
  let frame: Frame
  /// Rows that it removed or changed.
  let changed: Int
  /// Rows that it removed because they are bad, by reason.
  var rejected: [RejectedRows] = []
  /// For each column that it read, how many values could not be read.
  var unreadable: [(column: String, count: Int)] = []
}

extension RowStep {
  /// How each step is done in memory.
  var operation: any RowOperation {
    switch self {
    case .deduplicate(let step): step
    case .reject(let step): step
    case .assign(let step): step
    case .read(let step): step
    case .map(let step): step
    case .normalize(let step): step
    case .clip(let step): step
    case .fill(let step): step
    case .compare(let step): step
    case .hash(let step): step
    case .sequence(let step): step
    }
  }

  /// Of a fitted step, how it changes all rows by what it learns of the seen ones.
  var fitted: (any FittedOperation)? {
    switch self {
    case .clip(let step): step
    case .deduplicate, .reject, .assign, .read, .map, .normalize, .fill, .compare, .hash,
      .sequence:
      nil
    }
  }
}

/// An operation that gives rows other values by what it learns of all rows together.
protocol FittedOperation: RowOperation {
  /// Changes all rows by what it learns of the seen ones; of those that are not seen it may make
  /// anything.
  /// - Parameter seen: one entry for each row; nil for all.
  func apply(to frame: Frame, fittedTo seen: [Bool]?) throws -> Frame
}
