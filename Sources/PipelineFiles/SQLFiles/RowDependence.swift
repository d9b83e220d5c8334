import Frames

/// What makes the rows of a SELECT depend on other rows than their own, by how Postgres would run it: a
/// past instant would see in them what became known later.
public struct RowDependence: Sendable, Hashable {
  /// What makes values of many rows, such as `an aggregate`; nil for nothing.
  public private(set) var values: String?
  /// What decides by other rows, or by the as-of, which rows there are, such as `LIMIT`; nil for nothing.
  public private(set) var choice: String?

  /// None.
  public init() {}

  /// - Parameters:
  ///   - plans: of the SELECT, and of the definitions of materialized views that it reads.
  ///   - asOf: the instant that stands in the SELECT; nil where none does.
  ///   - times: columns that say when a row happened, became known or ended, which may be compared with
  ///     the as-of: rows at or after it are left out all the same.
  init(_ plans: [QueryPlan], asOf: Instant? = nil, times: [String] = []) {
    for plan in plans { look(at: plan) }
    // As the server writes it in UTC.
    if let asOf { look(for: "'\(asOf.postgresText)'", in: plans.flatMap(\.nodes), times) }
  }

  /// Nobody knows how a materialized view puts its rows together.
  mutating func isUnknown() {
    values = values ?? "a materialized view whose definition this role cannot be told"
  }

  private mutating func look(at plan: QueryPlan, isJoined: Bool = false) {
    switch plan.type {
    case "Aggregate", "Group":
      values = values ?? "an aggregate"
      // The rows of IN, each once, are joined where that is quicker than to look each up.
      if isJoined, Set(plan.texts("Output")).isSubset(of: plan.texts("Group Key")) {
        choice = choice ?? "EXISTS or IN"
      }
      if !plan.texts("Filter").isEmpty { choice = choice ?? "HAVING" }
    case "WindowAgg": values = values ?? "a window function"
    case "Recursive Union": values = values ?? "WITH RECURSIVE"
    case "Limit": choice = choice ?? "LIMIT"
    case "Unique": choice = choice ?? "DISTINCT"
    case "SetOp": choice = choice ?? "INTERSECT or EXCEPT"
    case "Sample Scan": choice = choice ?? "TABLESAMPLE"
    default: break
    }
    if let join = plan.joinType, join.contains("Semi") || join.contains("Anti") {
      choice = choice ?? "EXISTS or IN"
    }
    if Self.conditions.flatMap(plan.texts).contains(where: Self.hasSubquery) {
      choice = choice ?? "a subquery"
    }
    for child in plan.children {
      let isValue = child.role == "SubPlan" || child.role == "InitPlan"
      guard isValue, !child.texts("Subplan Name").contains(where: { $0.hasPrefix("CTE ") }) else {
        look(
          at: child, isJoined: plan.joinType != nil || isJoined && Self.passing.contains(plan.type))
        continue
      }
      // Without any of these a subquery looks one row up, as a join does.
      let inner = RowDependence([child])
      if inner != RowDependence([]) || child.texts("Output").isEmpty {
        values = values ?? "a subquery"
      }
    }
    if plan.texts("Output").contains(where: { $0.contains("hashed SubPlan") }) {
      values = values ?? "a subquery"
    }
  }

  /// Nodes that hand rows on as they are.
  private static let passing: Set = ["Hash", "Sort", "Incremental Sort", "Materialize", "Memoize"]

  private static let conditions = [
    "Filter", "Join Filter", "One-Time Filter", "Index Cond", "Recheck Cond", "Hash Cond",
    "Merge Cond", "TID Cond",
  ]

  private static func hasSubquery(_ condition: String) -> Bool {
    condition.contains("SubPlan ") || condition.contains("InitPlan ")
      || condition.contains(#/\$\d/#)
  }

  private mutating func look(for instant: String, in nodes: [QueryPlan], _ times: [String]) {
    for node in nodes {
      for condition in Self.conditions.flatMap(node.texts) where condition.contains(instant) {
        let bounds: [Substring] = condition.split(separator: " AND ")
        if bounds.contains(where: { $0.contains(instant) && !Self.isBound($0, on: times) }) {
          choice = choice ?? ":as_of"
        }
      }
      if node.texts("Output").contains(where: { $0.contains(instant) }) {
        values = values ?? ":as_of"
      }
    }
  }

  /// Whether a condition compares one of the columns with something.
  private static func isBound(_ condition: Substring, on times: [String]) -> Bool {
    guard
      let match = condition.firstMatch(
        of: #/^\(*(?:(?:\w+|"[^"]+")\.)?(?:"([^"]+)"|(\w+))\)*(?:::[a-z ]+\)*)? (?:<|<=|>|>=) /#)
    else { return false }
    return (match.1 ?? match.2).map { times.contains(String($0)) } ?? false
  }
}
