import Frames

/// Makes the rows that a plan means.
///
/// The plan is a value that every engine reads; what they make of it must be the same rows, which their
/// common tests show: plans by generated frames, nulls, ties and numeric edges included.
public protocol Engine: Sendable {
  /// Opens a plan over what other stages handed on, and does at the run's as-of what is to be counted.
  /// - Parameter stages: what the stages that the plan reads handed on, by name.
  /// - Throws: `StageFailure` where the rows are not such as the plan says; errors of expressions.
  func open(
    _ plan: RelationPlan, over stages: [String: any Relation], in facts: RunFacts
  ) async throws -> OpenedRelation

  /// Measures for each check what it asks of the rows at the run's as-of.
  /// - Throws: `StageFailure` where a check counts on what is not there; errors of expressions.
  func findings(of checks: [RowCheck], in rows: CheckedRows) async throws -> [CheckFinding]

  /// Opens a plan again, from what was kept of its rows (`Relation.keptFrames`).
  func reopen(
    _ plan: RelationPlan, keeping frames: [String: Frame], over stages: [String: any Relation],
    in facts: RunFacts
  ) async throws -> any Relation

  /// Rows that somebody gives in place of those of a stage, known from their times on.
  func given(_ rows: Frame, of shape: RelationShape, in zone: CalendarZone) throws -> any Relation
}

/// What an engine knows of the run.
public struct RunFacts: Sendable {
  public let asOf: Instant
  /// The zone in which the pipeline cuts days.
  public let zone: CalendarZone

  public init(asOf: Instant, zone: CalendarZone) {
    self.asOf = asOf
    self.zone = zone
  }
}

/// Rows, and what was done to have them at the run's as-of.
public struct OpenedRelation: Sendable {
  public let relation: any Relation
  /// How many rows there are.
  public let rows: Int
  /// What each operator did, those of the inputs before.
  public let work: [OperatorWork]

  public init(relation: any Relation, rows: Int, work: [OperatorWork]) {
    self.relation = relation
    self.rows = rows
    self.work = work
  }
}

/// What an operator did at the run's as-of.
public enum OperatorWork: Sendable {
  /// Rows of the stages, in the order of the plan.
  case read(stage: String, rows: Int)
  case step(StepCount)
  /// Of the left's rows those that found none in the right.
  case join(rows: Int, unmatched: Int)
  case identify(IdentifyCount)
  /// Of each source the rows that belong to no entity, and the values that were chosen.
  case aggregate([Unmatched], chosen: [TopValues])
  /// Of each further relation how many of its rows the first has, and the other way.
  case align([KeyFinds])
  case choose(ChoiceCount)
}

/// The values that were chosen for the columns of `TopShares`.
public struct TopValues: Sendable {
  public let shares: TopShares
  public let values: Column
  /// They are the most frequent ones of the rows before it.
  public let chosenAt: RunFacts

  public init(shares: TopShares, values: Column, chosenAt: RunFacts) {
    self.shares = shares
    self.values = values
    self.chosenAt = chosenAt
  }
}

/// What came of putting accounts together.
public struct IdentifyCount: Sendable {
  public let persons: Int
  /// How many accounts each cluster has that is too large.
  public let giants: [Int]
  /// How many values of each kind were ignored.
  public let ignored: [Int]
  /// Rows that name an account which is not known.
  public let unknown: Int

  public init(persons: Int, giants: [Int], ignored: [Int], unknown: Int) {
    self.persons = persons
    self.giants = giants
    self.ignored = ignored
    self.unknown = unknown
  }
}

extension OpenedRelation {
  /// What its steps did.
  public var steps: [StepCount] {
    work.compactMap { if case .step(let count) = $0 { count } else { nil } }
  }

  /// Of each join the rows of its left, and how many of them found none.
  public var joins: [(rows: Int, unmatched: Int)] {
    work.compactMap {
      if case .join(let rows, let unmatched) = $0 { (rows, unmatched) } else { nil }
    }
  }

  /// What came of putting accounts together.
  public var identified: [IdentifyCount] {
    work.compactMap { if case .identify(let count) = $0 { count } else { nil } }
  }

  /// Of each source of features the rows that belong to no entity.
  public var unmatched: [Unmatched] {
    work.flatMap { work -> [Unmatched] in
      if case .aggregate(let unmatched, _) = work { unmatched } else { [] }
    }
  }

  /// The values that were chosen for shares of the most frequent ones.
  public var chosen: [TopValues] {
    work.flatMap { work -> [TopValues] in
      if case .aggregate(_, let chosen) = work { chosen } else { [] }
    }
  }

  /// How many rows of relations that stand side by side find one another.
  public var finds: [KeyFinds] {
    work.flatMap { work -> [KeyFinds] in
      if case .align(let finds) = work { finds } else { [] }
    }
  }

  /// What rules did.
  public var choices: [ChoiceCount] {
    work.compactMap { if case .choose(let count) = $0 { count } else { nil } }
  }

  /// How many rows a stage handed on.
  public func rows(of stage: String) -> Int {
    work.reduce(0) {
      if case .read(stage, let rows) = $1 { $0 + rows } else { $0 }
    }
  }
}
