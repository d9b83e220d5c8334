/// The values in a plan that are worked out from many rows, by the texts that name them.
struct ManyRowValues {
  /// What a node hands on.
  struct Value {
    let text: String
    var isMany: Bool
    /// Whether it is the least of a group's, such as the time of its first row, which later rows do not
    /// change.
    var isLeast: Bool
  }

  /// What the plan returns, in order.
  private(set) var result: [Value] = []
  /// Texts of such values, each with whether it is the least of a group's.
  private var texts: [String: Bool] = [:]
  /// What the queries hand on that are scanned under a name: subqueries, CTEs.
  private var scanned: [String: [Value]] = [:]
  private var ctes: [String: [Value]] = [:]

  init(_ plan: QueryPlan) { result = visit(plan) }

  /// Whether a text uses such a value.
  func isUsed(in text: some StringProtocol) -> Bool {
    if texts.isEmpty { return false }
    return texts.keys.contains { text.contains($0) }
      || PlanText.references(Substring(text)).contains { isMany($0.column, of: $0.alias) }
  }

  private mutating func visit(_ node: QueryPlan) -> [Value] {
    var inputs: [[Value]] = []
    for child in node.children {
      let values = visit(child)
      if let name = child.cte {
        ctes[name, default: []] += values
      } else if !child.isValue {
        inputs.append(values)
      }
    }
    if let alias = node.alias {
      switch node.type {
      case "Subquery Scan": scanned[alias] = inputs.first
      case "CTE Scan": scanned[alias] = node.texts("CTE Name").first.flatMap { ctes[$0] }
      default: break
      }
    }
    let outputs = node.texts("Output")
    // Appended rows go by the texts of the first that are appended.
    return outputs.isEmpty ? merged(inputs) : outputs.map { value($0, of: node) }
  }

  private mutating func merged(_ inputs: [[Value]]) -> [Value] {
    guard var values = inputs.first else { return [] }
    for place in values.indices {
      let all = inputs.compactMap { place < $0.count ? $0[place] : nil }
      guard all.contains(where: \.isMany) else { continue }
      values[place].isMany = true
      values[place].isLeast = all.allSatisfy(\.isLeast)
      texts[values[place].text] = values[place].isLeast
    }
    return values
  }

  private mutating func value(_ output: String, of node: QueryPlan) -> Value {
    let text = String(PlanText.bare(output[...]))
    if isUsed(in: text) {
      return Value(text: text, isMany: true, isLeast: isLeast(text))
    }
    guard isMade(text, by: node) else { return Value(text: text, isMany: false, isLeast: false) }
    let whole = text.hasPrefix("PARTIAL ") ? String(text.dropFirst(8)) : text
    let isLeast =
      node.type == "Aggregate"
      && PlanText.argument(of: "min", in: whole).flatMap { PlanText.column($0) } != nil
    texts[text] = isLeast
    return Value(text: text, isMany: true, isLeast: isLeast)
  }

  /// Whether a node works a value out of many rows.
  private func isMade(_ text: String, by node: QueryPlan) -> Bool {
    switch node.type {
    case "WindowAgg": text.contains(" OVER ")
    case "Aggregate":
      // What is no call is a column, which groups by a key of its table have one of, or a constant.
      text.contains(#/[\w"]\(/#)
        && !node.texts("Group Key").contains { PlanText.bare($0[...]) == text }
    default: false
    }
  }

  private func isLeast(_ text: String) -> Bool {
    if let isLeast = texts[text] { return isLeast }
    guard let place = PlanText.references(text[...]).first, PlanText.lastName(text) == place.column
    else { return false }
    let values = (scanned[place.alias] ?? []).filter(\.isMany)
    return !values.isEmpty && values.allSatisfy(\.isLeast)
  }

  /// Whether a column of a query that is scanned under a name is such a value. A plan does not say which
  /// column of the query that is: one of its own with that name, or else whatever it works out.
  private func isMany(_ column: String, of alias: String) -> Bool {
    guard let values = scanned[alias], values.contains(where: \.isMany) else { return false }
    guard values.contains(where: { !$0.isMany && PlanText.lastName($0.text) == column }) else {
      return true
    }
    return values.contains { value in
      value.isMany && value.text.contains(" OVER ")
        && (PlanText.lastName(value.text) == column
          || value.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains(column[...]))
    }
  }
}
