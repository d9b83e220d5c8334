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
