import PostgresFacts

/// What a statement at whose names Postgres looks only when it runs needs of what stands in the database.
package struct UtilityNeed: Hashable {
  package enum Kind: Hashable {
    /// All rows go.
    case truncate
    /// It is changed, or commented.
    case change
    case drop
    /// The table gets an index of this name; nil where Postgres makes one up.
    case index(String?)
    /// The name must be free, unless what stands there is of the kind that may be replaced.
    case create(replaces: Bool)
    /// Made for the session only.
    case createTemporary
    case dropSchema
    case createSchema
  }

  package let kind: Kind
  /// What it is called in the statement: `table`, `materialized view`.
  package let object: String
  package let reference: TableReference
  /// Whether nothing happens where it is not there, or where it is there already.
  package let isConditional: Bool
  /// The column that is commented; nil for the whole.
  package var column: String?
}

extension UtilityNeed {
  /// What it names: of an index the table too.
  package var names: [String] {
    if case .index(let index?) = kind {
      [reference.name.name, index]
    } else {
      [reference.name.name]
    }
  }
}

extension ScriptStatement {
  /// What it needs, as far as that can be read from its text.
  package var needs: [UtilityNeed] {
    var reader = UtilityReader(statement: self)
    return reader.needs()
  }

  /// Whether more can have happened after it than its text says: it calls what others wrote, or changes
  /// names, owners or rights.
  package var isUnforeseeable: Bool {
    switch verb {
    case "insert", "update", "delete", "merge", "truncate", "comment", "analyze", "lock", "refresh",
      "cluster", "reindex":
      false
    case "create", "drop": needs.isEmpty
    case "alter":
      needs.isEmpty
        || tokens.indices.contains { ["rename", "owner", "schema"].contains(word($0)) }
    default: true
    }
  }

  /// Whether it changes rows that stand where others would be inserted.
  package var updatesOnConflict: Bool {
    tokens.indices.contains { word($0) == "do" && word($0 + 1) == "update" }
  }

  /// Whether it truncates what refers to the tables too, or drops what depends on what it drops.
  package var cascades: Bool { tokens.indices.contains { word($0) == "cascade" } }
}

/// Reads the head of a statement word by word.
private struct UtilityReader {
  let statement: ScriptStatement
  private var place = 0

  init(statement: ScriptStatement) { self.statement = statement }

  private mutating func take(_ words: String...) -> Bool {
    for (offset, word) in words.enumerated()
    where statement.word(place + offset) != word { return false }
    place += words.count
    return true
  }

  private mutating func takeSymbol(_ symbol: Unicode.Scalar) -> Bool {
    guard statement.tokens.indices.contains(place), statement.tokens[place].isSymbol(symbol) else {
      return false
    }
    place += 1
    return true
  }

  private mutating func takeName() -> TableReference? {
    guard let found = statement.reference(at: place) else { return nil }
    place += found.name.schema == nil ? 1 : 3
    return found
  }

  /// What stands behind ALTER, DROP, CREATE and COMMENT ON and has a name as tables do.
  private mutating func takeObject() -> String? {
    if take("materialized", "view") { return "materialized view" }
    if take("foreign", "table") { return "foreign table" }
    for word in ["table", "view", "sequence", "index"] where take(word) { return word }
    return nil
  }

  mutating func needs() -> [UtilityNeed] {
    if take("truncate") {
      _ = take("table")
      return names { (.truncate, "table", $0, false) }
    }
    if take("alter") {
      guard let object = takeObject() else { return [] }
      let isConditional = take("if", "exists")
      _ = take("only")
      return takeName().map {
        [UtilityNeed(kind: .change, object: object, reference: $0, isConditional: isConditional)]
      } ?? []
    }
    if take("comment", "on") { return commented() }
    if take("drop") {
      if take("schema") {
        let isConditional = take("if", "exists")
        return names { (.dropSchema, "schema", $0, isConditional) }
      }
      guard let object = takeObject() else { return [] }
      let isConditional = take("if", "exists")
      return names { (.drop, object, $0, isConditional) }
    }
    return take("create") ? created() : []
  }

  private mutating func names(
    _ need: (TableReference) -> (UtilityNeed.Kind, String, TableReference, Bool)
  ) -> [UtilityNeed] {
    var needs: [UtilityNeed] = []
    repeat {
      _ = take("only")
      guard let name = takeName() else { return needs }
      let (kind, object, reference, isConditional) = need(name)
      needs.append(
        UtilityNeed(
          kind: kind, object: object, reference: reference, isConditional: isConditional))
      _ = takeSymbol("*")
    } while takeSymbol(",")
    return needs
  }

  private mutating func commented() -> [UtilityNeed] {
    let need = { (object: String, reference: TableReference) in
      [UtilityNeed(kind: .change, object: object, reference: reference, isConditional: false)]
    }
    if take("column") {
      // A column's name stands behind that of its table.
      guard let found = takeName() else { return [] }
      let table: TableReference
      let column: String
      if takeSymbol(".") {
        guard let last = takeName() else { return [] }
        (table, column) = (found, last.name.name)
      } else {
        guard let name = found.name.schema else { return [] }
        table = TableReference(name: QualifiedName(name: name), range: found.range)
        column = found.name.name
      }
      var commented = need("table", table)
      commented[0].column = column
      return commented
    }
    guard let object = takeObject(), let name = takeName() else { return [] }
    return need(object, name)
  }

  private mutating func created() -> [UtilityNeed] {
    if take("schema") {
      let isConditional = take("if", "not", "exists")
      return takeName().map {
        [
          UtilityNeed(
            kind: .createSchema, object: "schema", reference: $0, isConditional: isConditional)
        ]
      } ?? []
    }
    let replaces = take("or", "replace")
    _ = take("global") || take("local")
    let isTemporary = take("temporary") || take("temp")
    _ = take("unlogged") || take("unique") || take("recursive")
    guard let object = takeObject() else { return [] }
    if object == "index" { return index() }
    let isConditional = take("if", "not", "exists")
    return takeName().map {
      [
        UtilityNeed(
          kind: isTemporary ? .createTemporary : .create(replaces: replaces), object: object,
          reference: $0, isConditional: isConditional)
      ]
    } ?? []
  }

  private mutating func index() -> [UtilityNeed] {
    let isConditional = take("if", "not", "exists")
    let name = take("on") ? nil : takeName()
    if name != nil, !take("on") { return [] }
    _ = take("only")
    return takeName().map {
      [
        UtilityNeed(
          kind: .index(name?.name.name), object: "table", reference: $0,
          isConditional: isConditional)
      ]
    } ?? []
  }
}
