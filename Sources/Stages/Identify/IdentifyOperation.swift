import Expressions
import Frames
import PipelineFiles

/// What came out for one as-of.
struct IdentifiedAccounts {
  let frame: Frame
  let persons: Int
  /// How many accounts each cluster has that is too large.
  let giants: [Int]
  /// How many values of each kind were ignored.
  let ignored: [Int]
  /// Rows that name an account which is not known.
  let unknown: Int
}

/// Puts accounts together as they and what they share are known at an as-of.
struct IdentifyOperation: CleanOperation {
  let plan: IdentifyPlan
  /// The relations of the plan's sources, by stage.
  let relations: [String: any Relation]

  var isAsOf: Bool { true }
  var label: String { "identify persons in \(plan.entityStage)" }

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> CleanOutcome {
    let identified = try await identify(frame, asOf: context.asOf)
    return CleanOutcome(frame: identified.frame, changed: frame.rowCount)
  }

  /// - Parameter frame: the accounts known before the as-of.
  func identify(_ frame: Frame, asOf: Instant) async throws -> IdentifiedAccounts {
    guard let accounts = frame[plan.entity] else {
      throw StageFailure("stage \(plan.entityStage) handed on no column \(plan.entity)")
    }
    let order = frame.selecting([plan.entity]).order(by: [SortColumn(plan.entity)])
    let names = accounts.taking(order)
    try checkRepeats(names)
    var collected = CollectedLinks(kinds: plan.kinds)
    for source in plan.sources {
      try Task.checkCancellation()
      let rows =
        source.stage == plan.entityStage
        ? frame : try await relations[source.stage]?.frame(asOf: asOf) ?? .empty(Schema([]))
      guard let owners = rows[source.entityColumn] else { continue }
      let nodes = KeyMatch(of: [owners], in: [names]).rows
      collected.unknown += nodes.indices.count { nodes[$0] < 0 && !owners.isNull($0) }
      for (column, kind) in source.columns {
        if let values = rows[column] { collected.add(nodes, values, of: kind) }
      }
    }
    try Task.checkCancellation()
    let shared = SharedValues(collected.links(), nodeCount: names.count, limit: plan.limit)
    let identities = Identities(accounts: accounts, order: order, shared: shared, plan: plan)
    let made = identities.columns()
    return IdentifiedAccounts(
      frame: Frame(
        schema: plan.relation.schema,
        columns: plan.relation.schema.names.compactMap { made[$0] ?? frame[$0] },
        rowCount: frame.rowCount),
      persons: identities.personCount, giants: identities.giantSizes, ignored: shared.ignored,
      unknown: collected.unknown)
  }

  private func checkRepeats(_ names: Column) throws {
    let ordered = Frame(
      schema: Schema([Field(plan.entity, names.type)]), columns: [names], rowCount: names.count)
    let repeats = ordered.repeats(of: [plan.entity])
    guard repeats > 0 else { return }
    throw StageFailure(
      "stage \(plan.entityStage) has several rows for one \(plan.entity), its key: "
        + "\(repeats) of \(names.count) rows repeat one before",
      help: "deduplicate them in a clean stage")
  }
}

/// Accounts and the values that they have, kind by kind.
private struct CollectedLinks {
  let kinds: [String]
  private var parts: [String: (nodes: [[Int32]], values: [Column])] = [:]
  var unknown = 0

  init(kinds: [String]) { self.kinds = kinds }

  mutating func add(_ nodes: [Int32], _ values: Column, of kind: String) {
    parts[kind, default: ([], [])].nodes.append(nodes)
    parts[kind, default: ([], [])].values.append(values)
  }

  /// The links between known accounts and values; nulls and empty texts are none.
  func links() -> SharedValues.Links {
    var nodes: [Int32] = []
    var values: [Int32] = []
    var starts: [Int32] = [0]
    for kind in kinds {
      let first = starts[starts.count - 1]
      guard let part = parts[kind] else {
        starts.append(first)
        continue
      }
      let column = Column.concatenating(part.values)
      let grouping = Grouping(by: [column], rowCount: column.count)
      let isValue = column.marksOfValues
      var row = 0
      for node in part.nodes.joined() {
        if node >= 0, isValue[row] {
          nodes.append(node)
          values.append(first + grouping.groups[row])
        }
        row += 1
      }
      starts.append(first + Int32(grouping.count))
    }
    return SharedValues.Links(nodes: nodes, values: values, kindStarts: starts)
  }
}

extension Column {
  /// Which rows hold something: neither null nor an empty text.
  fileprivate var marksOfValues: [Bool] {
    guard case .text(let codes, let dictionary) = values else {
      return validity ?? Array(repeating: true, count: count)
    }
    let isEmpty = (0..<Int32(dictionary.count)).map { dictionary.utf8($0).isEmpty }
    return codes.indices.map { !isNull($0) && !isEmpty[Int(codes[$0])] }
  }
}
