import PostgresClient

/// An extract of the draft: what it reads and what was guessed of it.
struct DraftExtract: Sendable, Hashable {
  let stage: String
  let table: QualifiedName
  /// The file with its SELECT, and its text; nil where the table is named.
  var select: (path: String, text: String)?
  /// The column that names the entity, as it is read.
  var entity: String
  var key: [String]
  var keyReason: String
  var time: String?
  var timeReason = ""
  var timeless: String?
  /// A column that may say when a row became known.
  var arrival: String?
  var personal: [String] = []
  var hash: [String] = []
  var changes: [String] = []
  /// Columns by which its rows are deduplicated, and the column that says which is the latest.
  var duplicates: (by: String, order: String)?

  /// The stage that deduplicates them; nil where nothing has to.
  var cleaning: String?

  /// The stage whose rows are used.
  var cleaned: String { cleaning ?? stage }

  static func == (a: Self, b: Self) -> Bool {
    a.stage == b.stage && a.table == b.table && a.key == b.key && a.select?.text == b.select?.text
  }

  func hash(into hasher: inout Hasher) { hasher.combine(stage) }
}

extension DraftExtract {
  /// The extract of a table of what entities did.
  init(_ activity: Activity, stage: String) throws(PostgresError) {
    let table = activity.table
    let reading = TableReading(table)
    self.stage = stage
    self.table = table.name
    entity = reading.name(of: activity.entity)
    time = reading.name(of: activity.time.name)
    timeReason =
      "guessed from its name" + (activity.time.isNotNull ? "" : "; rows without it are never seen")
    key = []
    keyReason = ""
    if !reading.isPlain { select = ("sql/\(stage).sql", try reading.select()) }
    if !identify(activity, reading) { try number(activity, reading) }
    describe(reading, ofPeople: false)
    arrival = ColumnGuesses.arrival(of: table, but: activity.time.name).map {
      reading.name(of: $0.name)
    }
  }

  /// Says what identifies a row; false where nothing does.
  private mutating func identify(_ activity: Activity, _ reading: TableReading) -> Bool {
    let table = activity.table
    let read = Set(reading.columns.map(\.column.name))
    if let known = table.key, read.isSuperset(of: known) {
      key = known.map(reading.name)
      keyReason = table.primaryKey == known ? "the primary key" : "a unique key"
      return true
    }
    let graph = TableGraph(catalog: SourceCatalog(tables: []))
    let names = graph.ownNames(of: table)
    if let own = table.columns.first(where: {
      read.contains($0.name) && $0.canBeKey && names.contains(NameWords.squeezed($0.name))
        && ($0.distinctShare ?? 0) > 0.9
    }) {
      key = [reading.name(of: own.name)]
      keyReason = "the database knows no key; its values hardly repeat"
      let update = table.columns.first {
        $0.isTime && read.contains($0.name)
          && !Set(NameWords.split($0.name)).isDisjoint(with: ["updated", "modified", "changed"])
      }
      duplicates = (key[0], reading.name(of: update?.name ?? activity.time.name))
      return true
    }
    return false
  }

  /// Numbers rows of one entity and time, so that all of them count and no measure is in the key.
  /// Rows are ordered by their values, so that their numbers do not depend on how they lie.
  private mutating func number(
    _ activity: Activity, _ reading: TableReading
  ) throws(PostgresError) {
    let first = [activity.entity, activity.time.name]
    // What is updated in place comes last: it only tells apart what is equal otherwise.
    let rest = reading.columns.map(\.column).filter { !first.contains($0.name) }
    let order = rest.filter { !ColumnGuesses.changes($0) } + rest.filter(ColumnGuesses.changes)
    var names = NameSet(Set(reading.columns.map(\.name)))
    let line = names.claim("line", "line_number")
    select = (
      "sql/\(stage).sql", try reading.select(numbering: line, within: first, by: order)
    )
    key = first.map(reading.name) + [line]
    keyReason = "the database knows no key: rows may repeat, and all of them count"
  }

  /// Says what is personal and what changes.
  fileprivate mutating func describe(_ reading: TableReading, ofPeople: Bool) {
    for (column, name) in reading.columns {
      let isKey = key.contains(name) || name == entity
      let canHash =
        column.kind == .text || column.kind == .uuid || column.kind == .integer
        || column.kind == .cast(to: "text")
      if ColumnGuesses.isPersonal(column, ofPeople: ofPeople), name != time {
        if isKey, canHash {
          hash.append(name)
        } else if !isKey {
          personal.append(name)
        }
      } else if !isKey, ColumnGuesses.changes(column) {
        changes.append(name)
      }
    }
  }

  /// The extract of the entities.
  /// - Parameters:
  ///   - known: whether the time of the entity's own table can be trusted; nil where nobody looked.
  ///   - what: one entity, such as `customer`.
  ///   - avoided: names that the entity's column must not have.
  init(
    _ choice: EntityChoice, stage: String, what: String, trustsTime: Bool,
    avoiding avoided: Set<String>
  ) throws(PostgresError) {
    let table = choice.table
    let reading = TableReading(table, avoiding: [choice.column: avoided])
    let time =
      choice.isOwnTable
      ? ColumnGuesses.time(of: table, but: [choice.column])
      : choice.activities.first?.time
    self.stage = stage
    self.table = table.name
    entity = reading.name(of: choice.column)
    key = [entity]
    keyReason = ""
    guard choice.isOwnTable, table.isUnique(choice.column) else {
      try readDistinct(choice, time: trustsTime ? time : nil, what: what)
      describe(reading.only(choice.column), ofPeople: false)
      return
    }
    keyReason = table.primaryKey == [choice.column] ? "the primary key" : "a unique key"
    if !reading.isPlain { select = ("sql/\(stage).sql", try reading.select()) }
    if let time, trustsTime {
      self.time = reading.name(of: time.name)
      timeReason =
        "guessed from its name: since when there is this \(what)"
        + (time.isNotNull ? "" : "; rows without it are never seen")
    } else {
      timeless =
        time == nil
        ? "nothing says since when there is a \(what), and no feature uses other columns"
        : "\(reading.name(of: time?.name ?? "")) is later than what they did, so it does not say since when"
    }
    describe(reading, ofPeople: true)
  }

  /// One row for each value of the column.
  private mutating func readDistinct(
    _ choice: EntityChoice, time: SourceColumn?, what: String
  ) throws(PostgresError) {
    let source = try SQLText.identifier(choice.column)
    let cast =
      if case .cast(let type) = choice.table[choice.column]?.kind { "::\(type)" } else { "" }
    let name = source + cast == entity ? source : "\(source)\(cast) AS \(entity)"
    var columns = [name]
    if let time {
      let first = entity == "first_seen" ? "first_time" : "first_seen"
      columns.append("min(\(try SQLText.identifier(time.name))) AS \(first)")
      self.time = first
      timeReason = "when the first row of this \(what) happened"
    } else {
      timeless = "nothing says since when there is a \(what), and no feature uses other columns"
    }
    let comment =
      choice.isOwnTable
      ? "One row for each \(what): the database does not promise that \(choice.table.name) has."
      : "Everybody in \(choice.table.name): no table has one row for each \(what)."
    select = (
      "sql/\(stage).sql",
      """
      -- \(TableReading.oneLine(comment))
      -- A column added here that sums up rows (a count, a sum, the latest value) shows today's value
      -- at the past cutoffs too, and so tells the model the future: put such things under features:.
      SELECT \(columns.joined(separator: ", "))
      FROM \(try SQLText.table(choice.table.name))
      WHERE \(source) IS NOT NULL
      GROUP BY 1\n
      """
    )
    keyReason = "one row for each, by the SELECT"
  }
}

extension TableReading {
  /// The same with one column only.
  fileprivate func only(_ column: String) -> TableReading {
    TableReading(narrowing: self, to: column)
  }

  private init(narrowing reading: TableReading, to column: String) {
    table = reading.table
    columns = reading.columns.filter { $0.column.name == column }
    leftOut = []
  }
}
