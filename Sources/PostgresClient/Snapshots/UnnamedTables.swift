extension PostgresConnection {
  /// What a SELECT has read in the open transaction beside what is locked by others for it: tables that
  /// functions read, of which nothing is known before.
  /// - Parameter known: what is locked.
  /// - Returns: their names, where they are the same as in the snapshot.
  /// - Throws: `PostgresError` of kind `.changed` where one is not, or where it is no function that
  ///   reads it: a partition that was attached, a name that means another table now.
  func tablesRead(
    by select: String, besides known: Set<Int>
  ) throws(PostgresError) -> [String] {
    let others = try lockedRelations(besides: known)
    if others.isEmpty { return [] }
    let seen = try facts(of: Set(others.map(\.oid)))
    let planned = try relations(inPlanOf: select)
    for relation in others {
      if planned.contains(relation.name) {
        // What came to be a part of it without a row makes no difference.
        if try hasRows(relation) {
          throw .changed("\(relation.name) became a part of what is read", location)
        }
      } else if seen[relation.oid]?.file != relation.file {
        throw .changed("\(relation.name) was emptied, rewritten or replaced", location)
      }
    }
    return others.filter { !planned.contains($0.name) && $0.kind != "view" }.map(\.name)
  }

  private func hasRows(_ relation: LockedRelation) throws(PostgresError) -> Bool {
    do throws(PostgresError) {
      return try !query("SELECT FROM ONLY \(relation.name) LIMIT 1").isEmpty
    } catch {
      // Partitions need not be readable by themselves.
      if error.isMissingPrivilege { return true }
      throw error
    }
  }

  /// The tables that a SELECT reads by itself, as it is planned now.
  func relations(inPlanOf select: String) throws(PostgresError) -> Set<String> {
    let plan = try self.plan(of: select)
    var names: Set<String> = []
    for row in try query(
      """
      SELECT DISTINCT format('%I.%I', node ->> 'Schema', node ->> 'Relation Name') AS name
      FROM jsonb_path_query($1::jsonb, '$.** ? (exists (@."Relation Name"))') AS node
      """, [Parameter(plan)])
    { names.insert(try row.string("name")) }
    return names
  }
}
