import PostgresClient

/// Who the features are about, as far as the catalogue tells.
struct EntityChoice: Sendable, Hashable {
  /// The table that names the entities.
  let table: SourceTable
  let column: String
  /// False where the table says who did something, so that one entity has many rows.
  let isOwnTable: Bool
  /// Tables whose rows belong to an entity, those with a time.
  let activities: [Activity]
  /// Why it was chosen, and what else might have been: `table.column`.
  let reason: String
  let alternatives: [String]
}

/// A table whose rows belong to an entity and have a time.
struct Activity: Sendable, Hashable {
  let table: SourceTable
  /// The column that names the entity.
  let entity: String
  let reason: String
  /// Other columns that could name it.
  let others: [String]
  let time: SourceColumn
}

/// How the tables of a source hang together.
struct TableGraph: Sendable {
  let catalog: SourceCatalog

  /// The entity: the one that is named, or the best guess.
  func entity(named wish: String?) throws(InitError) -> EntityChoice {
    if let wish { return try chosen(wish) }
    var candidates: [(choice: EntityChoice, score: Int)] = []
    for table in catalog.tables {
      for column in table.columns where column.canBeKey && isKey(column, of: table) {
        guard let candidate = candidate(table, column) else { continue }
        candidates.append(candidate)
      }
    }
    let hasPeople = candidates.contains {
      ColumnGuesses.peopleScore($0.choice.table.name.name) > 0
    }
    if !hasPeople { candidates += withoutOwnTable() }
    // A stable order, so that equal schemas give equal drafts.
    candidates.sort { a, b in
      a.score != b.score ? a.score > b.score : label(a.choice) < label(b.choice)
    }
    guard let best = candidates.first else {
      throw .noEntity(
        looked: catalog.tables.map(\.name.description), schemas: catalog.otherSchemas)
    }
    let others = candidates.dropFirst().filter { $0.score * 2 >= best.score }
      .map { label($0.choice) }
    return EntityChoice(
      table: best.choice.table, column: best.choice.column, isOwnTable: best.choice.isOwnTable,
      activities: best.choice.activities, reason: best.choice.reason,
      alternatives: Array(others.filter { $0 != label(best.choice) }.prefix(4)))
  }

  private func label(_ choice: EntityChoice) -> String {
    "\(choice.table.name).\(choice.column)"
  }

  /// Whether a column identifies the rows of its table, as the database or its name says.
  private func isKey(_ column: SourceColumn, of table: SourceTable) -> Bool {
    if table.isUnique(column.name) { return true }
    guard table.key == nil else { return false }
    // Where rows repeat they are read once for each.
    if ColumnGuesses.peopleScore(table.name.name) > 0, ColumnGuesses.personScore(column.name) > 0 {
      return true
    }
    return ownNames(of: table).contains(NameWords.squeezed(column.name))
      && (column.distinctShare ?? 1) > 0.9
  }

  /// Names under which a table's own key goes.
  func ownNames(of table: SourceTable) -> Set<String> {
    let what = NameWords.squeezed(NameWords.plain(NameWords.singular(table.name.name.lowercased())))
    return ["id", "\(what)id", "\(what)no", "\(what)key", "\(what)number", "\(what)uuid"]
  }

  private func candidate(
    _ table: SourceTable, _ column: SourceColumn
  ) -> (choice: EntityChoice, score: Int)? {
    let activities = activities(of: table, column)
    guard !activities.isEmpty else { return nil }
    let people =
      ColumnGuesses.peopleScore(table.name.name) * 3
      + min(3, table.columns.count { ColumnGuesses.isPersonal($0, ofPeople: false) }) * 2
    // A table of orders is referenced too, by what belongs to an order; nobody leaves an order.
    let purchases = ColumnGuesses.purchaseScore(table.name.name) * 2
    let byKey = activities.count { $0.reason.hasPrefix("a foreign key") }
    let score = people - purchases + activities.count + byKey
    guard people > 0 || score > 0 else { return nil }
    let reason =
      activities.count == 1
      ? "\(activities[0].table.name) belongs to it"
      : "\(activities.count) tables with a time belong to it"
    return (
      EntityChoice(
        table: table, column: column.name, isOwnTable: true, activities: activities,
        reason: reason, alternatives: []), score
    )
  }

  /// Tables with a time that name the entity by a foreign key or by a column's name.
  private func activities(of owner: SourceTable, _ key: SourceColumn) -> [Activity] {
    catalog.tables.filter { $0.name != owner.name }.compactMap { table in
      let byKey = table.foreignKeys.filter {
        $0.target == owner.name && $0.targetColumns == [key.name] && $0.columns.count == 1
      }.map { $0.columns[0] }.filter { table[$0]?.isReadable == true }
      if !byKey.isEmpty {
        let ordered = byKey.sorted {
          ColumnGuesses.personScore($0) > ColumnGuesses.personScore($1)
        }
        return activity(table, ordered, "a foreign key to \(owner.name)", key)
      }
      guard table.name.schema == owner.name.schema else { return nil }
      let names = referringNames(to: owner, key.name)
      let bound = Set(table.foreignKeys.flatMap(\.columns))
      let byName = table.columns.filter {
        names.contains(NameWords.squeezed($0.name)) && !bound.contains($0.name)
      }.map(\.name)
      return activity(table, byName, "guessed from its name", key)
    }
  }

  private func referringNames(to owner: SourceTable, _ key: String) -> Set<String> {
    let key = NameWords.squeezed(key)
    var names = ownNames(of: owner).subtracting(["id"])
    if key != "id", key != "name" { names.insert(key) }
    return names
  }

  private func activity(
    _ table: SourceTable, _ columns: [String], _ reason: String, _ key: SourceColumn
  ) -> Activity? {
    let fitting = columns.filter {
      table[$0].map { $0.canBeKey && $0.keyType == key.keyType } == true
    }
    guard let column = fitting.first, let time = ColumnGuesses.time(of: table, but: [column]) else {
      return nil
    }
    return Activity(
      table: table, entity: column, reason: reason, others: Array(fitting.dropFirst()), time: time)
  }

  /// Entities that stand only in the tables of what they did.
  private func withoutOwnTable() -> [(choice: EntityChoice, score: Int)] {
    catalog.tables.flatMap { table in
      table.columns.compactMap { column in
        let person = ColumnGuesses.personScore(column.name)
        guard person > 0, let choice = distinct(table, column) else { return nil }
        let score =
          person * 3 + choice.activities.count * 2
          + Self.purchaseLikeness(of: choice.activities[0])
        return (choice, score)
      }
    }
  }

  /// The entities that a column of a table of activities names.
  private func distinct(_ table: SourceTable, _ column: SourceColumn) -> EntityChoice? {
    guard column.canBeKey, !table.isUnique(column.name) else { return nil }
    let same = NameWords.squeezed(column.name)
    let tables =
      [table]
      + catalog.tables.filter {
        $0.name != table.name && $0.name.schema == table.name.schema
      }
    let activities = tables.compactMap { other in
      activity(
        other,
        other.columns.filter { NameWords.squeezed($0.name) == same }.map(\.name),
        "guessed from its name", column)
    }
    guard activities.first?.table.name == table.name else { return nil }
    return EntityChoice(
      table: table, column: column.name, isOwnTable: false, activities: activities,
      reason: "no table has one row for each, so they are read from \(table.name)",
      alternatives: [])
  }

  /// How much rows look like purchases.
  static func purchaseLikeness(of activity: Activity) -> Int {
    let excluded = Set([activity.entity] + activity.table.primaryKey)
    return ColumnGuesses.purchaseScore(activity.table.name.name)
      + (ColumnGuesses.money(of: activity.table, but: excluded) == nil ? 0 : 4)
  }

  private func chosen(_ wish: String) throws(InitError) -> EntityChoice {
    let parts = wish.split(separator: ".").map(String.init)
    guard parts.count == 2 || parts.count == 3, let column = parts.last else {
      throw .wrongEntity(wish, why: "write it as TABLE.COLUMN", others: [])
    }
    let matching = catalog.tables.filter {
      $0.name.name == parts[parts.count - 2] && (parts.count == 2 || $0.name.schema == parts[0])
    }
    guard let table = matching.first else {
      throw .wrongEntity(
        wish, why: "there is no table '\(parts[parts.count - 2])'",
        others: catalog.tables.map(\.name.description))
    }
    guard matching.count == 1 else {
      throw .wrongEntity(
        wish, why: "several schemas have this table",
        others: matching.map { "\($0.name).\(column)" })
    }
    guard let key = table[column] else {
      throw .wrongEntity(
        wish, why: "\(table.name) has no column '\(column)'", others: table.columns.map(\.name))
    }
    guard key.canBeKey else {
      throw .wrongEntity(
        wish, why: "a column of type \(key.typeName) cannot name entities", others: [])
    }
    let activities = activities(of: table, key)
    let isOwnTable = isKey(key, of: table)
    if !isOwnTable, let choice = distinct(table, key) {
      return EntityChoice(
        table: table, column: column, isOwnTable: false, activities: choice.activities,
        reason: "chosen with --entity", alternatives: [])
    }
    guard !activities.isEmpty else {
      throw .noActivity(entity: wish, looked: catalog.tables.map(\.name.description))
    }
    return EntityChoice(
      table: table, column: column, isOwnTable: true, activities: activities,
      reason: "chosen with --entity", alternatives: [])
  }
}
