/// How Postgres would run a query: a node of `EXPLAIN (VERBOSE, FORMAT JSON)`.
struct QueryPlan: Sendable {
  private let node: JSONValue
  let children: [QueryPlan]

  init?(json text: String) {
    guard case .array(let plans)? = JSONValue(parsing: text), let plan = plans.first?["Plan"] else {
      return nil
    }
    self.init(plan)
  }

  private init(_ node: JSONValue) {
    self.node = node
    if case .array(let plans)? = node["Plans"] {
      children = plans.map { QueryPlan($0) }
    } else {
      children = []
    }
  }

  /// Such as `Seq Scan`, `WindowAgg`.
  var type: String { node["Node Type"]?.string ?? "" }
  /// How its parent uses it: `Outer`, `SubPlan`, `InitPlan` and so on.
  var role: String { node["Parent Relationship"]?.string ?? "" }
  /// `Inner`, `Left`, `Semi`, `Anti` and so on.
  var joinType: String? { node["Join Type"]?.string }
  /// Whether a value is looked up by it: a subquery that is no CTE.
  var isValue: Bool { (role == "SubPlan" || role == "InitPlan") && cte == nil }
  /// Of a CTE's query the name under which it is scanned.
  var cte: String? {
    let prefix = "CTE "
    return texts("Subplan Name").first { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count))
    }
  }
  /// The table that it scans, with its schema.
  var relation: String? {
    node["Relation Name"]?.string.map { "\(node["Schema"]?.string ?? "").\($0)" }
  }
  /// How texts name what it scans.
  var alias: String? { node["Alias"]?.string }
  /// What decides which of its rows there are.
  var conditions: [String] { Self.conditions.flatMap(texts) }

  private static let conditions = [
    "Filter", "Join Filter", "One-Time Filter", "Index Cond", "Recheck Cond", "Hash Cond",
    "Merge Cond", "TID Cond",
  ]

  /// Estimates.
  var rows: Double { node["Plan Rows"]?.double ?? 0 }
  var width: Double { node["Plan Width"]?.double ?? 0 }

  /// The node's texts under a key: one, or a list.
  func texts(_ key: String) -> [String] {
    switch node[key] {
    case .string(let text)?: [text]
    case .array(let values)?: values.compactMap(\.string)
    default: []
    }
  }

  /// This node and all below it.
  var nodes: [QueryPlan] { [self] + children.flatMap(\.nodes) }
}
