import Expressions

/// The features of a draft: names that are free, and the expressions behind them.
struct DraftFeatures: Sendable {
  struct Feature: Sendable {
    let name: String
    let expression: String
  }

  /// Features of one stage.
  struct Source: Sendable {
    let stage: String
    /// The column that names the entity where it has another name.
    let entity: String?
    let windowed: [Feature]
    let ever: [Feature]
    /// A column whose values may mean that a row should not count.
    let status: String?
    let note: String
  }

  var sources: [Source] = []
  /// The features that segments are made from.
  var frequency = ""
  var recency = ""
  var monetary: String?
  /// Lately against usual.
  var trend: String? { monetary.map { "\($0)_trend" } }

  /// - Parameter extracts: of the activities, each with its activity; the main one first.
  init(_ extracts: [(activity: Activity, extract: DraftExtract)], entity: String) {
    var names = NameSet(Set([entity, "segment", "r", "f", "m"]).union(Self.scoreColumns))
    for (place, (activity, extract)) in extracts.enumerated() {
      let stage = NameWords.clipped(extract.stage, to: 40)
      let what = NameWords.singular(stage)
      let isMain = place == 0
      let time = Self.expression(extract.time ?? "")
      let reading = TableReading(activity.table)
      let hidden = Set(
        [activity.entity, activity.time.name]
          + (activity.table.key ?? [])
          + activity.table.foreignKeys.flatMap(\.columns)
          + activity.table.columns.filter { ColumnGuesses.isPersonal($0, ofPeople: false) }.map(
            \.name)
          + reading.leftOut.map(\.column.name))
      let count = names.claim(stage, "\(stage)_count")
      var windowed = [Feature(name: count, expression: "count(*)")]
      let money = ColumnGuesses.money(of: activity.table, but: hidden)
      if let money {
        let name = isMain ? names.claim("spend", "\(what)_spend") : names.claim("\(what)_amount")
        windowed.append(
          Feature(
            name: name, expression: "sum(\(Self.expression(reading.name(of: money.name))))"))
        if isMain { monetary = name }
      }
      let quantity = ColumnGuesses.quantity(
        of: activity.table, but: hidden.union(money.map { [$0.name] } ?? []))
      if isMain, let quantity {
        windowed.append(
          Feature(
            name: names.claim("items", "\(what)_items"),
            expression: "sum(\(Self.expression(reading.name(of: quantity.name))))"))
      }
      let last = isMain ? names.claim("recency_days") : names.claim("days_since_\(what)")
      var ever = [Feature(name: last, expression: "days_since(max(\(time)))")]
      if isMain {
        frequency = count
        recency = last
        ever.append(
          Feature(name: names.claim("tenure_days"), expression: "days_since(min(\(time)))"))
      }
      sources.append(
        Source(
          stage: extract.cleaned, entity: extract.entity == entity ? nil : extract.entity,
          windowed: windowed, ever: ever, status: extract.changes.first,
          note: money.map { "\($0.name): guessed to be what was paid" } ?? ""))
    }
  }

  /// Columns that stand beside features where scores are joined to them.
  static let scoreColumns: Set<String> = [
    "churn_probability", "churn_risk", "top_cause", "causes",
  ]
  /// Names that the entity's column must not have.
  static let avoided = scoreColumns.union(["segment", "r", "f", "m", "as_of", "run_id"])

  /// Groups of features for explanations: each feature stands in one.
  func causes(windows: [Int]) -> [(name: String, features: [String])] {
    guard let main = sources.first else { return [] }
    let all = sources.flatMap { $0.windowed.map(\.name) }
    func names(_ feature: Feature) -> [String] {
      // A pattern that would also take another feature's columns is written out.
      let isClear =
        !all.contains { $0 != feature.name && $0.hasPrefix("\(feature.name)_") }
        && !sources.flatMap(\.ever).contains { $0.name.hasPrefix("\(feature.name)_") }
      return isClear ? ["\(feature.name)_*"] : windows.map { "\(feature.name)_\($0)d" }
    }
    var groups = [
      (
        name: "rhythm",
        features: main.windowed.prefix(1).flatMap(names) + main.ever.map(\.name)
      )
    ]
    var value = main.windowed.dropFirst().flatMap(names)
    if let trend, !value.contains("\(monetary ?? "")_*") { value.append(trend) }
    if !value.isEmpty { groups.append((name: "value", features: value)) }
    var causes = NameSet(["rhythm", "value"])
    for source in sources.dropFirst() {
      groups.append(
        (
          name: causes.claim(source.windowed.first?.name ?? source.stage),
          features: source.windowed.flatMap(names) + source.ever.map(\.name)
        ))
    }
    return groups
  }

  /// A column's name in an expression.
  static func expression(_ name: String) -> String {
    NameWords.isPlain(name) ? name : quotedName(name)
  }
}
