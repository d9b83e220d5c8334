import Frames
import Relations

extension RelationPrinter {
  mutating func join(
    _ join: Join, _ left: RelationPlan, _ right: RelationPlan, _ shape: RelationShape,
    _ rows: RelationSpelling.Rows
  ) throws(UnprintableRows) -> Rows {
    let own = try print(left, rows)
    // A row of the left may be older than what is valid now.
    let other = try print(right, join.validity == nil ? .seen : .known)
    let select =
      join.validity.map { validAt(join, $0, own, other) } ?? plain(join, own, other)
    if join.validity != nil || join.cardinality != .many {
      printed.require(
        "stage \(right.name) has several rows for one \(join.on.map(\.right).joined(separator: ", "))"
          + (join.validity == nil ? "" : " that are valid from the same instant"),
        repeats(join, other))
    }
    let about = (join.isInner ? "inner" : "left") + " join \(right.name) on \(join.keyText)"
    return Rows(
      name: part(of: shape.schema, about, select, stem: own.stem), shape: shape, stem: own.stem)
  }

  private func columns(_ join: Join, _ own: Rows) -> String {
    let added = join.columns.map {
      "r.\(name($0.column))" + ($0.column == $0.name ? "" : " as \(name($0.name))")
    }
    return ([list(own.shape.schema, of: "l")] + added).joined(separator: ",\n  ")
  }

  private func matches(_ join: Join) -> String {
    join.on.map { "l.\(name($0.left)) = r.\(name($0.right))" }.joined(separator: " and ")
  }

  private func plain(_ join: Join, _ own: Rows, _ other: Rows) -> String {
    """
    select \(columns(join, own))
    from \(own.name) as l
    \(join.isInner ? "join" : "left join") \(other.name) as r on \(matches(join))
    """
  }

  private func validAt(
    _ join: Join, _ validity: Join.Validity, _ own: Rows, _ other: Rows
  ) -> String {
    let time = own.shape.schema[validity.column].map {
      instant($0, "l.\(name(validity.column))")
    }
    let (from, until) = validFrom(validity, other, "r")
    let ends = until.map {
      "\n      and (\($0) is null or (\($0) > \(from) and \(time ?? "null") < \($0)))"
    }
    return """
      select \(columns(join, own))
      from \(own.name) as l
      \(join.isInner ? "cross join" : "left join") lateral (
        select *
        from \(other.name) as r
        where \(matches(join)) and \(from) <= \(time ?? "null")\(ends ?? "")
        order by \(from) desc
        limit 1
      ) as r\(join.isInner ? "" : " on true")
      """
  }

  /// Since and until when a row of the right is valid, as instants.
  private func validFrom(
    _ validity: Join.Validity, _ other: Rows, _ table: String
  ) -> (from: String, until: String?) {
    func time(_ column: String) -> String {
      other.shape.schema[column].map { instant($0, "\(table).\(name(column))") } ?? "null"
    }
    return (time(validity.from), validity.until.map(time))
  }

  /// Finds keys of the right that several rows have.
  private func repeats(_ join: Join, _ other: Rows) -> String {
    let keys = join.on.map { "r.\(name($0.right))" }
    var conditions = keys.map { "\($0) is not null" }
    var groups = keys
    if let validity = join.validity {
      let (from, until) = validFrom(validity, other, "r")
      groups.append(from)
      conditions.append("\(from) is not null")
      if let until { conditions.append("(\(until) is null or \(until) > \(from))") }
    }
    return """
      select count(*) as several
      from \(other.name) as r
      where \(conditions.joined(separator: " and "))
      group by \(groups.joined(separator: ", "))
      having count(*) > 1
      limit 1
      """
  }

  func union(_ union: Union, _ parts: [Rows], _ shape: RelationShape) -> String {
    zip(union.names, parts).map { source, part in
      let named = union.source.map { [$0: dialect.literal(source) + "::text"] } ?? [:]
      return "select \(list(shape.schema, named))\nfrom \(part.name)"
    }.joined(separator: "\nunion all\n")
  }
}
