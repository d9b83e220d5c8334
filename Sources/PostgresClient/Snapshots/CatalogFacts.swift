/// What must be the same of a database's catalog in a snapshot and at a later moment for what is read to
/// be what the snapshot has.
struct CatalogFacts: Sendable, Hashable {
  var relations: [Int: RelationFacts] = [:]
  /// A digest of what SELECTs and views call without a lock on it: functions, operators, casts, the labels
  /// of enums, and the fields of composite types. What a function calls in turn is not known, so it is
  /// that of the whole database.
  var definitions = ""
  /// What is set for the role and the database, which a session has from its beginning on.
  var settings = ""

  /// Of some relations only, and without their kin. A partition that is attached under the lock of a
  /// reader shows when it is read, and is of no account as long as it is empty; none is detached.
  func underLocks(on relations: Set<Int>) -> CatalogFacts {
    var facts = self
    facts.relations = self.relations.filter { relations.contains($0.key) }
      .mapValues { relation in
        var relation = relation
        relation.kin = ""
        return relation
      }
    return facts
  }

  /// - Throws: `PostgresError` of kind `.changed`, with what did.
  func compare(with now: CatalogFacts, _ location: String) throws(PostgresError) {
    try Self.compare(relations, with: now.relations, location)
    if definitions != now.definitions {
      throw .changed("functions or enums of the database were changed", location)
    }
    if settings != now.settings {
      throw .changed("settings of the role or the database were changed", location)
    }
  }

  /// Rows of the catalog that hold for this role and database.
  static let settings = """
    (SELECT * FROM pg_catalog.pg_db_role_setting
      WHERE setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
        AND setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))) AS settings
    """

  /// - Throws: `PostgresError` of kind `.changed`, with what did.
  static func compare(
    _ seen: [Int: RelationFacts], with now: [Int: RelationFacts], _ location: String
  ) throws(PostgresError) {
    for relation in Set(seen.keys).union(now.keys).sorted() where seen[relation] != now[relation] {
      guard let old = seen[relation], let new = now[relation] else {
        let name = seen[relation]?.name ?? now[relation]?.name ?? "a table"
        throw .changed("\(name) was made or dropped", location)
      }
      throw .changed(old.change(to: new), location)
    }
  }
}

extension PostgresConnection {
  /// What the catalog says, as the open transaction or else the moment sees it.
  func catalog(of relations: Set<Int>) throws(PostgresError) -> CatalogFacts {
    let found = try queries(
      script: [RelationFacts.query(of: relations), Self.definitions, Self.settings]
        .joined(separator: ";\n"))
    guard found.count == 3 else {
      throw PostgresError(.statement, "the catalog does not answer", location: location)
    }
    return CatalogFacts(
      relations: try RelationFacts.from(found[0]),
      definitions: try found[1].first?.string("digest") ?? "",
      settings: try found[2].first?.string("settings") ?? "")
  }

  private static let settings = """
    SELECT coalesce(string_agg(concat_ws(' ', setdatabase, setrole, setconfig::text), ','
      ORDER BY setdatabase, setrole), '') AS settings FROM \(CatalogFacts.settings)
    """

  /// Rows of the catalog are known by who wrote them: a changed one is a new one. The server's own are the
  /// same as long as it is.
  private static let definitions = """
    SELECT md5(concat_ws(' ',
      (SELECT string_agg(concat_ws(' ', p.oid, p.xmin, n.nspname), ',' ORDER BY p.oid)
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE p.oid >= 16384 AND NOT n.nspname LIKE 'pg\\_temp\\_%'),
      (SELECT string_agg(concat(oid, ' ', xmin), ',' ORDER BY oid)
        FROM pg_catalog.pg_operator WHERE oid >= 16384),
      (SELECT string_agg(concat(oid, ' ', xmin), ',' ORDER BY oid)
        FROM pg_catalog.pg_cast WHERE oid >= 16384),
      (SELECT string_agg(concat(oid, ' ', xmin), ',' ORDER BY oid) FROM pg_catalog.pg_enum),
      (SELECT string_agg(concat(a.attrelid, ' ', a.attnum, ' ', a.xmin), ','
          ORDER BY a.attrelid, a.attnum)
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'c'))) AS digest
    """
}
