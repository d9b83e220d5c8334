import Expressions
import Frames
import Relations
import Synchronization

extension Unmatched {
  /// - Parameters:
  ///   - plan: of the source.
  ///   - groups: the group of each row that counts, otherwise -1.
  ///   - matched: the groups of the entities.
  init(
    of plan: AggregatedSource, _ rows: FeatureRows, groups: [Int32], matched: [Int],
    in context: EvaluationContext
  ) throws {
    var isKnown = [Bool](repeating: false, count: rows.groupCount)
    for group in matched where group < rows.keys.count { isKnown[group] = true }
    var (found, unknown) = (0, 0)
    for group in groups where group >= 0 {
      if isKnown[Int(group)] { found += 1 } else { unknown += 1 }
    }
    let unnamed = rows.unnamed.count
    guard unknown + unnamed > 0 else {
      self.init(
        stage: plan.stage, column: plan.entityColumn, rows: found + unknown + unnamed,
        unnamed: unnamed, unknown: unknown, sums: [])
      return
    }
    let counting = groups.indices.filter { groups[$0] >= 0 }.map { Int32($0) }
    let lost = counting.filter { !isKnown[Int(groups[Int($0)])] } + rows.unnamed
    self.init(
      stage: plan.stage, column: plan.entityColumn, rows: found + unknown + unnamed,
      unnamed: unnamed, unknown: unknown,
      sums: try Self.sums(
        plan, rows.frame, all: counting + rows.unnamed, lost: lost, in: context))
  }

  /// The shares of the sums that the source's features ask for, each once.
  private static func sums(
    _ plan: AggregatedSource, _ frame: Frame, all: [Int32], lost: [Int32],
    in context: EvaluationContext
  ) throws -> [Sum] {
    var told: Set<String> = []
    return try (plan.windowed + plan.ever).flatMap(\.expression.calls).compactMap { call -> Sum? in
      guard call.name == "sum", call.filter == nil, let argument = call.argument,
        argument.type.isNumber, !argument.isPersonal,
        told.insert(argument.ownText).inserted
      else { return nil }
      let values = try argument.evaluate(over: frame, in: context)
      let total = values.taking(all).total.double
      let share = values.taking(lost).total.double / total
      // Where amounts of both signs cancel out there is no share to speak of.
      guard total != 0, share.isFinite, (0...1).contains(share) else { return nil }
      return Sum(text: "sum(\(argument.ownText))", share: share)
    }
  }
}

/// What the sources of one features stage have of rows without entity, as their features are made.
final class UnmatchedTally: Sendable {
  private let sources = Mutex<[Int: Unmatched]>([:])

  func note(_ unmatched: Unmatched, at place: Int) {
    sources.withLock { $0[place] = unmatched }
  }

  /// By the places of the sources.
  var all: [Int: Unmatched] { sources.withLock { $0 } }
}
