import Expressions
import Frames
import Relations

extension RelationPrinter {
  mutating func align(
    _ alignment: Alignment, _ inputs: [RelationPlan], _ shape: RelationShape,
    _ rows: RelationSpelling.Rows
  ) throws(UnprintableRows) -> Rows {
    var parts: [Rows] = []
    for (place, input) in inputs.enumerated() {
      let part = try print(input, rows)
      printed.require(
        "stage \(input.name) has several rows for one \(alignment.key.joined(separator: ", "))",
        repeats(of: alignment.key, in: part, ofNulls: place == 0))
      parts.append(part)
    }
    let key = alignment.key.map { "i1.\(name($0))" }
    let columns = alignment.columns.map { taken in
      if made.contains(taken.column) { made.insert(taken.name) }
      return "i\(taken.input + 1).\(name(taken.column)) as \(name(taken.name))"
    }
    var joins = "from \(parts[0].name) as i1"
    for (place, part) in parts.enumerated().dropFirst() {
      let matches = alignment.key.map { "i\(place + 1).\(name($0)) = i1.\(name($0))" }
      joins +=
        "\n  left join \(part.name) as i\(place + 1) on "
        + matches.joined(separator: " and ")
    }
    let stem = inputs.count == 1 ? parts[0].stem : "\(inputs[0].name) and others"
    let about = "side by side, by \(alignment.key.joined(separator: ", "))"
    return Rows(
      name: part(
        of: shape.schema, about,
        "select \((key + columns).joined(separator: ",\n  "))\n\(joins)", stem: stem),
      shape: shape, stem: stem)
  }

  /// Finds keys that several rows have.
  private func repeats(of key: [String], in rows: Rows, ofNulls: Bool) -> String {
    let columns = key.map(name)
    let named = columns.map { "\($0) is not null" }.joined(separator: " and ")
    return """
      select count(*) as several
      from \(rows.name)\(ofNulls ? "" : "\nwhere \(named)")
      group by \(columns.joined(separator: ", "))
      having count(*) > 1
      limit 1
      """
  }

  /// Fifths first, because rules look at them, then the first rule that holds.
  mutating func choose(
    _ choice: RuleChoice, _ input: RelationPlan, _ shape: RelationShape,
    _ rows: RelationSpelling.Rows
  ) throws(UnprintableRows) -> Rows {
    var before = try print(input, rows)
    if !choice.fifths.isEmpty { before = fifths(choice.fifths, before) }
    var cases: [String] = []
    for rule in choice.rules {
      let condition = try expression(rule.condition, in: "\(choice.field.name) \(rule.name)")
      let consent = rule.consent.map { " and \(name($0))" } ?? ""
      cases.append("when (\(condition))\(consent) then \(dialect.literal(rule.name))")
    }
    let otherwise = (choice.otherwise.map(dialect.literal) ?? "null") + "::text"
    let chosen =
      cases.isEmpty
      ? otherwise
      : "case\n    \(cases.joined(separator: "\n    "))\n    else \(otherwise)\n  end"
    let select = "select \(list(shape.schema, [choice.field.name: chosen]))\nfrom \(before.name)"
    return Rows(
      name: part(
        of: shape.schema, "\(choice.field.name): the first that holds", select,
        stem: before.stem), shape: shape, stem: before.stem)
  }

  private mutating func fifths(_ fifths: [RuleChoice.Fifth], _ rows: Rows) -> Rows {
    var shape = rows.shape
    var breaks: [String] = []
    var scores: [String: String] = [:]
    for fifth in fifths {
      let column = "l.\(name(fifth.column))"
      let found = name("roost \(fifth.field.name)")
      // Postgres puts NaN above all numbers; here it is none.
      let isFloat = rows.shape.schema[fifth.column]?.type.isFloat == true
      breaks.append(
        "percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by \(column))"
          + (isFloat ? " filter (where \(column) <> 'nan')" : "") + " as \(found)")
      let below = (1...4).map { "(b.\(found)[\($0)] < \(column))::int" }
      let score = fifth.isLessBetter ? "5 - " : "1 + "
      scores[fifth.field.name] =
        "case when \(column) is not null\(isFloat ? " and \(column) <> 'nan'" : "") then \(score)"
        + below.joined(separator: fifth.isLessBetter ? " - " : " + ") + " end"
      shape.schema.set(fifth.field)
    }
    let select = """
      select \(list(shape.schema, of: "l", scores))
      from \(rows.name) as l
        cross join (
          select \(breaks.joined(separator: ",\n        "))
          from \(rows.name) as l
        ) as b
      """
    let about = "fifths: " + fifths.map(\.field.name).joined(separator: ", ")
    return Rows(
      name: part(of: shape.schema, about, select, stem: rows.stem), shape: shape, stem: rows.stem)
  }
}
