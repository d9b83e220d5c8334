/// What makes the rows of a SELECT depend on other rows than their own, by how Postgres would run it: a
/// past instant would see in them what became known later.
public struct RowDependence: Sendable, Hashable {
  /// What stands in a SELECT for the as-of, so that Postgres's plan tells where it is used: Postgres does
  /// not work it out beforehand as it does with a constant.
  public static let placeOfAsOf = "(pg_catalog.current_setting('roost.as_of', true)::timestamptz)"
  private static let asOf = "'roost.as_of'"

  /// What makes values of many rows, such as `an aggregate`; nil for nothing.
  public private(set) var values: String?
  /// What decides by other rows, or by the as-of, which rows there are, such as `LIMIT`; nil for nothing.
  public private(set) var choice: String?
  /// Of the columns, by place, those that are worked out from many rows, each with whether it is the least
  /// value of a group, which later rows do not change.
  private(set) var workedOut: [Int: Bool] = [:]
  /// The columns, by place, whose values follow from the as-of alone.
  private(set) var followingAsOf: Set<Int> = []

  /// None.
  public init() {}

  /// - Parameters:
  ///   - plan: of the SELECT, with `placeOfAsOf` for the as-of, or of the definition of a materialized
  ///     view that it reads.
  ///   - times: columns that say when a row happened, became known or ended, which may be compared with
  ///     the as-of: rows at or after it are left out all the same.
  init(_ plan: QueryPlan, times: [String] = []) {
    self.init(subquery: plan)
    let many = ManyRowValues(plan)
    lookForChoice(in: plan, by: many, Self.tables(in: plan))
    lookForAsOf(in: plan.nodes, times)
    for (place, value) in many.result.enumerated() {
      if value.isMany {
        workedOut[place] = value.isLeast
      } else if values == "a subquery", Self.hasSubquery(value.text) {
        workedOut[place] = false
      }
      if value.text.contains(Self.asOf), !PlanText.namesColumn(value.text[...]) {
        followingAsOf.insert(place)
      }
    }
  }

  private init(subquery plan: QueryPlan) { look(at: plan) }

  /// What another plan, that of something it reads, has too.
  mutating func add(_ other: RowDependence) {
    values = values ?? other.values
    choice = choice ?? other.choice
  }

  /// Nobody knows how its rows are put together.
  mutating func isUnknown(because reason: String) {
    values = values ?? reason
    choice = choice ?? reason
  }

  private mutating func look(at plan: QueryPlan, isJoined: Bool = false) {
    switch plan.type {
    case "Aggregate", "Group":
      values = values ?? "an aggregate"
      // The rows of IN, each once, are joined where that is quicker than to look each up.
      if Set(plan.texts("Output")).isSubset(of: plan.texts("Group Key")) {
        if isJoined { choice = choice ?? "EXISTS or IN" }
        // Each once of those that find any: EXISTS in other words.
        if plan.children.contains(where: Self.isOfJoin) {
          choice = choice ?? "DISTINCT or GROUP BY over a join"
        }
      }
      if !plan.texts("Filter").isEmpty { choice = choice ?? "HAVING" }
    case "WindowAgg":
      values = values ?? "a window function"
      if !plan.texts("Run Condition").isEmpty { choice = choice ?? "a window function" }
    case "Recursive Union": values = values ?? "WITH RECURSIVE"
    case "Limit": choice = choice ?? "LIMIT"
    case "Unique": choice = choice ?? "DISTINCT"
    case "SetOp": choice = choice ?? "INTERSECT or EXCEPT"
    case "Sample Scan": choice = choice ?? "TABLESAMPLE"
    default: break
    }
    if let join = plan.joinType {
      if join.contains("Semi") || join.contains("Anti") {
        choice = choice ?? "EXISTS or IN"
      } else if join != "Inner", !plan.texts("Filter").isEmpty {
        // Only where a row that was not found may pass does Postgres look behind the join.
        choice = choice ?? "a condition on what an outer join finds"
      }
    }
    if plan.conditions.contains(where: Self.hasSubquery) {
      choice = choice ?? "a subquery"
    }
    for child in plan.children {
      guard child.isValue else {
        look(
          at: child, isJoined: plan.joinType != nil || isJoined && Self.passing.contains(plan.type))
        continue
      }
      // Without any of these a subquery looks one row up, as a join does.
      let inner = RowDependence(subquery: child)
      if inner != RowDependence() || child.texts("Output").isEmpty {
        values = values ?? "a subquery"
      }
    }
    if plan.texts("Output").contains(where: { $0.contains("hashed SubPlan") }) {
      values = values ?? "a subquery"
    }
  }

  /// Whether rows come from a join. Which of its sides may find several does not show: the planner takes
  /// them in either order.
  private static func isOfJoin(_ plan: QueryPlan) -> Bool {
    if plan.joinType != nil { return true }
    let handsOn =
      passing.contains(plan.type)
      || ["Append", "Merge Append", "Subquery Scan", "Result"].contains(plan.type)
    return handsOn && plan.children.contains { !$0.isValue && isOfJoin($0) }
  }

  /// Nodes that hand rows on as they are.
  private static let passing: Set = ["Hash", "Sort", "Incremental Sort", "Materialize", "Memoize"]

  private static func hasSubquery(_ condition: String) -> Bool {
    condition.contains("SubPlan ") || condition.contains("InitPlan ")
      || condition.contains(#/\$\d/#)
  }

  /// The tables that a plan scans, by the names in its texts. Partitions are scanned as `orders_1` and so
  /// on, and named as `orders` where they are put together.
  private static func tables(in plan: QueryPlan) -> [String: Set<String>] {
    var tables: [String: Set<String>] = [:]
    for node in plan.nodes {
      if let alias = node.alias, let table = node.relation { tables[alias] = [table] }
    }
    let own = tables
    for (alias, table) in own {
      guard let stem = alias.wholeMatch(of: #/(.+)_\d+/#)?.1, own[String(stem)] == nil else {
        continue
      }
      tables[String(stem), default: []].formUnion(table)
    }
    return tables
  }

  /// Finds conditions over values of many rows, and those between rows of one table.
  private mutating func lookForChoice(
    in plan: QueryPlan, by many: ManyRowValues, _ tables: [String: Set<String>],
    isGrouped: Bool = false
  ) {
    let calls = plan.texts("Function Call") + plan.texts("Table Function Call")
    let rows = plan.type == "ProjectSet" ? plan.texts("Output") : []
    for text in plan.conditions + calls + rows {
      if many.isUsed(in: text) { choice = choice ?? "a value of many rows" }
      if !isGrouped, PlanText.conjuncts(text).contains(where: { Self.isOfOneTable($0, tables) }) {
        choice = choice ?? "a join to other rows of the same table"
      }
    }
    // What goes into an aggregate makes its value.
    let isGrouped = isGrouped || plan.type == "Aggregate"
    for child in plan.children where !child.isValue {
      lookForChoice(in: child, by: many, tables, isGrouped: isGrouped)
    }
  }

  /// Whether a condition sets rows of a table against others of it, earlier or later ones.
  private static func isOfOneTable(_ condition: Substring, _ tables: [String: Set<String>]) -> Bool
  {
    guard PlanText.hasInequality(condition) else { return false }
    var seen: Set<String> = []
    for alias in Set(PlanText.references(condition).map(\.alias)) {
      let own = tables[alias] ?? []
      if !seen.isDisjoint(with: own) { return true }
      seen.formUnion(own)
    }
    return false
  }

  private mutating func lookForAsOf(in nodes: [QueryPlan], _ times: [String]) {
    for node in nodes {
      for condition in node.conditions where condition.contains(Self.asOf) {
        if PlanText.conjuncts(condition).contains(where: {
          $0.contains(Self.asOf) && !Self.isBound($0, on: times)
        }) {
          choice = choice ?? ":as_of"
        }
      }
      if node.texts("Output").contains(where: { $0.contains(Self.asOf) }) {
        values = values ?? ":as_of"
      }
    }
  }

  /// Whether a condition compares one of the columns with what follows from the as-of alone.
  private static func isBound(_ condition: Substring, on times: [String]) -> Bool {
    guard let (left, right) = PlanText.sides(condition) else { return false }
    let (column, bound) = left.contains(asOf) ? (right, left) : (left, right)
    return !column.contains(asOf) && !PlanText.namesColumn(bound)
      && PlanText.column(column).map(times.contains) ?? false
  }
}
