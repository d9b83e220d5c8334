import Expressions
import Frames
import PipelineFiles
import Relations
import Synchronization

/// How many of a source's rows belong to no entity, and how much of its sums goes with them.
struct Unmatched: Sendable {
  struct Sum: Sendable {
    /// Such as `sum(amount)`.
    let text: String
    /// The share of it that belongs to no entity.
    let share: Double
  }

  let stage: String
  /// The column that names the entity.
  let column: String
  /// The rows that count, whether they find an entity or not.
  let rows: Int
  /// Of these, rows that name none.
  let unnamed: Int
  /// Of these, rows that name one that is not there.
  let unknown: Int
  let sums: [Sum]

  /// Below this nobody needs to look into it.
  static let told = 0.01
  /// Fewer rows may all be of people who are no customers.
  static let fewestRows = 10

  var share: Double { rows == 0 ? 0 : Double(unnamed + unknown) / Double(rows) }

  /// - Parameters:
  ///   - plan: of the source.
  ///   - groups: the group of each row that counts, otherwise -1.
  ///   - matched: the groups of the entities.
  init(
    of plan: FeatureSourcePlan, _ rows: FeatureRows, groups: [Int32], matched: [Int],
    in context: EvaluationContext
  ) throws {
    stage = plan.stage
    column = plan.entityColumn
    var isKnown = [Bool](repeating: false, count: rows.groupCount)
    for group in matched where group < rows.keys.count { isKnown[group] = true }
    var (found, unknown) = (0, 0)
    for group in groups where group >= 0 {
      if isKnown[Int(group)] { found += 1 } else { unknown += 1 }
    }
    unnamed = rows.unnamed.count
    self.unknown = unknown
    self.rows = found + unknown + unnamed
    guard unknown + unnamed > 0 else {
      sums = []
      return
    }
    let counting = groups.indices.filter { groups[$0] >= 0 }.map { Int32($0) }
    let lost = counting.filter { !isKnown[Int(groups[Int($0)])] } + rows.unnamed
    sums = try Self.sums(
      plan, rows.frame, all: counting + rows.unnamed, lost: lost, in: context)
  }

  /// The shares of the sums that the source's features ask for, each once.
  private static func sums(
    _ plan: FeatureSourcePlan, _ frame: Frame, all: [Int32], lost: [Int32],
    in context: EvaluationContext
  ) throws -> [Sum] {
    var told: Set<String> = []
    return try (plan.windowed + plan.ever).flatMap(\.expression.calls).compactMap { call in
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

  /// What to say of it; nil where every row finds its entity.
  func text(of entity: StageColumn) -> String? {
    guard unnamed + unknown > 0 else { return nil }
    let parts = [
      unnamed > 0 ? "\(unnamed) have no \(column)" : nil,
      unknown > 0 ? "\(unknown) one that \(entity.stage) has not" : nil,
    ].compactMap { $0 }
    let with = sums.map { "\(Share.percent($0.share)) of \($0.text)" }
    return
      "\(unnamed + unknown) of \(rows) rows of \(stage) (\(Share.percent(share))) belong to no "
      + "\(entity.column) of \(entity.stage): \(parts.joined(separator: ", "))"
      + (with.isEmpty ? "" : "; with them \(with.joined(separator: ", "))")
  }

  var details: JSONValue {
    .object([
      "rows": .integer(rows), "without_entity": .integer(unnamed),
      "unknown_entity": .integer(unknown),
      "sums": .object(
        Dictionary(sums.map { ($0.text, .number($0.share)) }, uniquingKeysWith: { a, _ in a })),
    ])
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
