import Frames

/// What an engine measures for a check.
public enum CheckFinding: Sendable {
  /// How many rows are counted for it or against it, of how many: all rows for `rows`, rejected ones,
  /// nulls, rows that repeat one before, rows that should not be there.
  case count(Int, of: Int)
  /// The latest time that is no infinity; nil where there is none.
  case latest(Instant?)
  /// Of the rows, and of the other stage's.
  case sums(ColumnTotal, ColumnTotal)
  case measure(Double)

  /// - Throws: `StageFailure` where something else was measured.
  func counted() throws -> (count: Int, all: Int) {
    guard case .count(let count, let all) = self else { throw Self.mistake }
    return (count, all)
  }

  func latest() throws -> Instant? {
    guard case .latest(let instant) = self else { throw Self.mistake }
    return instant
  }

  func sums() throws -> (own: ColumnTotal, other: ColumnTotal) {
    guard case .sums(let own, let other) = self else { throw Self.mistake }
    return (own, other)
  }

  func measured() throws -> Double {
    guard case .measure(let value) = self else { throw Self.mistake }
    return value
  }

  private static let mistake = StageFailure(
    "an engine measured something else than a check asks for", help: "this is a mistake in roost")
}

/// Rows that are checked, and what is known beside them.
public struct CheckedRows: Sendable {
  public let rows: any Relation
  /// Those of other stages that are looked at, by stage.
  public let others: [String: any Relation]
  /// How many rows were rejected on the way to them, of how many.
  public let rejected: (count: Int, of: Int)
  public let facts: RunFacts

  public init(
    _ rows: any Relation, others: [String: any Relation] = [:],
    rejected: (count: Int, of: Int) = (0, 0), in facts: RunFacts
  ) {
    self.rows = rows
    self.others = others
    self.rejected = rejected
    self.facts = facts
  }
}
