import Frames

/// All that a draft is made from.
struct DraftFindings: Sendable {
  let catalog: SourceCatalog
  let choice: EntityChoice
  /// What looks most like purchases: its last row says whether somebody is silent.
  let main: Activity
  let history: SourceProbe.Answer<ActivityHistory?>
  /// How a model is trained; nil with a reason where there is not enough to learn from.
  let churn: ChurnChoice?
  let noChurn: String
  /// Whether the time of the entity's own table says since when there is an entity.
  let trustsEntityTime: Bool
  let zone: String
  let zoneReason: String
  let variable: String
  let warehouseVariable: String
  /// The schema that is published to.
  let target: String

  /// Today in the zone.
  let today: CivilDate

  /// The as-of that sees all of the data, where that is not about today.
  var asOf: String? {
    guard case .found(let found) = history, let found, found.end.days < today.days - 1 else {
      return nil
    }
    return found.end.text
  }

  var days: Int? {
    if case .found(let history) = history { history?.days } else { nil }
  }

  /// Main first, then the others by name, as many as a first pipeline needs.
  var activities: [Activity] {
    let others = choice.activities.filter { $0.table.name != main.table.name }
      .sorted { $0.table.name.description < $1.table.name.description }
    return [main] + others.prefix(Self.mostActivities - 1)
  }

  static let mostActivities = 8

  /// The activity that looks most like purchases.
  static func main(of choice: EntityChoice) -> Activity? {
    var best: Activity?
    for activity in choice.activities {
      guard let other = best else {
        best = activity
        continue
      }
      let (a, b) = (
        TableGraph.purchaseLikeness(of: activity), TableGraph.purchaseLikeness(of: other)
      )
      let isLarger = (activity.table.rows ?? 0) > (other.table.rows ?? 0)
      if a > b || (a == b && isLarger) { best = activity }
    }
    return best
  }

  /// What one entity is called: `customer`.
  static func what(_ choice: EntityChoice) -> String {
    if choice.isOwnTable {
      return NameWords.clipped(
        NameWords.singular(NameWords.stage(choice.table.name.name)), to: 30)
    }
    let words = NameWords.split(choice.column).filter {
      !["id", "no", "key", "number"].contains($0)
    }
    let text = words.isEmpty ? "entity" : words.joined(separator: "_")
    for (short, long) in [("cust", "customer"), ("uid", "user"), ("cid", "customer")]
    where text == short { return long }
    let ending = ["id", "no"].first { text.hasSuffix($0) && text.count > 4 }
    let name = NameWords.stage(ending.map { String(text.dropLast($0.count)) } ?? text)
    return NameWords.clipped(name, to: 30)
  }

  /// Tables that the draft does not read, with the reason.
  var leftOut: [(table: String, reason: String)] {
    let read = Set([choice.table.name] + activities.map(\.table.name))
    let own = choice.table[choice.column]
    return catalog.tables.filter { !read.contains($0.name) }.map { table in
      (table.name.description, reason(table, own))
    }
  }

  private func reason(_ table: SourceTable, _ key: SourceColumn?) -> String {
    if choice.activities.contains(where: { $0.table.name == table.name }) {
      return "enough for a first pipeline; read it like the others"
    }
    let names = TableGraph(catalog: catalog).ownNames(of: choice.table)
      .union([NameWords.squeezed(choice.column)]).subtracting(["id"])
    let naming = table.columns.first { column in
      names.contains(NameWords.squeezed(column.name))
        || table.foreignKeys.contains {
          $0.target == choice.table.name && $0.columns == [column.name]
        }
    }
    if let naming, let key, naming.keyType != key.keyType {
      return "its \(naming.name) is \(naming.typeName), \(choice.table.name).\(choice.column) is "
        + "\(key.typeName); cast it in an SQL file"
    }
    if let naming {
      return naming.isReadable
        ? "it has \(naming.name) and no time that says when something happened"
        : "its \(naming.name) cannot be read"
    }
    let graph = TableGraph(catalog: catalog)
    let columns = Set(table.columns.map { NameWords.squeezed($0.name) })
    let parent = choice.activities.map(\.table).first { parent in
      table.foreignKeys.contains { $0.target == parent.name }
        || !graph.ownNames(of: parent).subtracting(["id"]).isDisjoint(with: columns)
    }
    if let parent = parent?.name {
      return "it belongs to \(parent); join the two in an SQL file to use it"
    }
    return "nothing in it names a \(Self.what(choice))"
  }
}

/// How a model is trained.
struct ChurnChoice: Sendable, Hashable {
  let plan: ChurnPlan
  let cutoffs: Int
  /// How many were eligible at the validation cutoff and how many of them fell silent; nil where
  /// counting took too long.
  let counts: (eligible: Int, silent: Int)?

  var baseRate: Double? {
    counts.map { Double($0.silent) / Double(max(1, $0.eligible)) }
  }

  /// Thresholds around the share of those who fall silent anyway.
  var risk: (high: String, medium: String) {
    let rate = baseRate ?? 0.5
    func text(_ value: Double) -> String {
      let twentieths = min(19, max(1, Int((value * 20).rounded())))
      let text = "0.\(twentieths * 5 < 10 ? "0" : "")\(twentieths * 5)"
      return text.hasSuffix("0") ? String(text.dropLast()) : text
    }
    let high = text(rate + (1 - rate) * 0.35)
    let medium = text(rate * 0.75)
    return (high, medium == high ? text(rate * 0.5) : medium)
  }

  static func == (a: Self, b: Self) -> Bool {
    a.plan == b.plan && a.cutoffs == b.cutoffs && a.counts?.eligible == b.counts?.eligible
  }

  func hash(into hasher: inout Hasher) { hasher.combine(plan) }
}
