import Expressions
import Frames
import Relations

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
public struct IdentifyOperation: RowOperation {
  let identify: Identify
  /// What comes out.
  let schema: Schema
  /// What the accounts and the relations with values are called, in messages.
  let accounts: String
  /// The relations with values, in the order of the links; nil where these stand beside the accounts.
  let relations: [(any Relation)?]

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> RowOutcome {
    let identified = try await identified(frame, asOf: context.asOf)
    return RowOutcome(frame: identified.frame, changed: frame.rowCount)
  }

  /// - Parameter frame: the accounts known before the as-of.
  func identified(_ frame: Frame, asOf: Instant) async throws -> IdentifiedAccounts {
    let entity = identify.entity.name
    let accounts = try frame.column(entity)
    let order = frame.selecting([entity]).order(by: [SortColumn(entity)])
    let names = accounts.taking(order)
    try checkRepeats(names)
    var collected = CollectedLinks(kinds: identify.kinds)
    for (links, relation) in zip(identify.links, relations) {
      try Task.checkCancellation()
      let rows = try await relation?.frame(asOf: asOf) ?? frame
      let owners = try rows.column(links.entityColumn)
      let nodes = KeyMatch(of: [owners], in: [names]).rows
      collected.unknown += nodes.indices.count { nodes[$0] < 0 && !owners.isNull($0) }
      for link in links.columns {
        collected.add(nodes, try rows.column(link.column), of: link.kind)
      }
    }
    try Task.checkCancellation()
    let shared = SharedValues(
      collected.links(), nodeCount: names.count, limit: identify.limit)
    let identities = Identities(
      accounts: accounts, order: order, shared: shared, identify: identify)
    return IdentifiedAccounts(
      frame: try identities.frame(frame, schema), persons: identities.personCount,
      giants: identities.giantSizes, ignored: shared.ignored, unknown: collected.unknown)
  }

  private func checkRepeats(_ names: Column) throws {
    let entity = identify.entity.name
    let ordered = Frame(
      schema: Schema([Field(entity, names.type)]), columns: [names], rowCount: names.count)
    let repeats = ordered.repeats(of: [entity])
    guard repeats > 0 else { return }
    throw StageFailure(
      "stage \(accounts) has several rows for one \(entity), its key: "
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
