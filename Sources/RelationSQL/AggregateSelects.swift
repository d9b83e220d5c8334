import Expressions
import Frames
import Relations

/// Features: one part for the entities, one for each source, and one that puts them together.
extension RelationPrinter {
  mutating func aggregate(
    _ aggregation: Aggregation, _ entities: RelationPlan, _ sources: [RelationPlan],
    _ shape: RelationShape
  ) throws(UnprintableRows) -> Rows {
    let stem = "features"
    made.formUnion(aggregation.schema.names)
    let entity = name(aggregation.entity.name)
    let own = try print(entities)
    if own.shape.key == [aggregation.entity.name] {
      printed.require(
        "stage \(entities.name) has several rows for one \(aggregation.entity.name), its key",
        """
        select count(*) as several
        from \(own.name)
        group by \(entity)
        having count(*) > 1
        limit 1
        """)
    }
    let all = part(
      of: shape.schema, "each \(aggregation.entity.name) of \(entities.name)",
      "select distinct \(entity)\nfrom \(own.name)\nwhere \(entity) is not null", stem: stem)
    var joined = "from \(all) as e"
    var columns = ["e.\(entity)"]
    for (source, plan) in zip(aggregation.sources, sources) {
      let tops = try chosenValues(source, plan)
      let rows = try print(plan)
      let made = try aggregates(source, aggregation, rows, all, tops)
      guard !made.columns.isEmpty else { continue }
      let name = part(
        of: shape.schema, "what \(source.stage) says of each", made.select, stem: stem)
      joined += "\njoin \(name) on \(name).\(entity) = e.\(entity)"
      columns += made.columns.map { "\(name).\($0)" }
    }
    let together = part(
      of: shape.schema, "put together",
      "select \(columns.joined(separator: ",\n  "))\n\(joined)", stem: stem)
    return Rows(
      name: try derived(aggregation, together, shape, stem: stem), shape: shape, stem: stem)
  }

  /// Columns that are worked out from others, each from those before it.
  private mutating func derived(
    _ aggregation: Aggregation, _ rows: String, _ shape: RelationShape, stem: String
  ) throws(UnprintableRows) -> String {
    var name = rows
    for column in aggregation.derived {
      let text = try expression(column.expression, in: column.field.name)
      name = part(
        of: shape.schema, "\(column.field.name) from the others",
        "select *,\n  \(text) as \(self.name(column.field.name))\nfrom \(name)", stem: stem)
    }
    return name
  }

  /// The columns that the rows of a source become: one row for each entity, also for one without rows.
  private func aggregates(
    _ source: AggregatedSource, _ aggregation: Aggregation, _ rows: Rows, _ all: String,
    _ tops: [ChosenValues]
  ) throws(UnprintableRows) -> (select: String, columns: [String]) {
    let entity = name(aggregation.entity.name)
    let mark = name("roost row")
    var condition = "r.\(mark)"
    var spelling = spelling.expressions
    let dialect = dialect
    spelling.column = { "r." + dialect.identifier($0) }
    if let test = source.condition {
      let text = try printed(test, spelling, in: "where of \(source.stage)")
      condition += " and (\(text))"
    }
    let order = rows.shape.key.compactMap { rows.shape.schema[$0] }.map {
      ordered($0, "r.\(name($0.name))")
    }
    var items: [String] = []
    var columns: [String] = []
    func add(
      _ aggregate: WindowedAggregate, _ field: Field, _ filter: String
    ) throws(UnprintableRows) {
      let text: String
      do throws(Unprintable) {
        text = try aggregate.expression.sql(
          in: dialect, spelling, of: SQLRows(filter: filter, order: order))
      } catch {
        throw UnprintableRows(field.name, error)
      }
      items.append("\(text) as \(name(field.name))")
      columns.append(name(field.name))
    }
    let shares = tops.flatMap(\.shares)
    for aggregate in source.windowed + shares.filter(\.isWindowed) {
      for (window, field) in zip(aggregation.windows, aggregate.fields) {
        try add(aggregate, field, "\(condition) and \(inWindow(window, source, rows))")
      }
    }
    for aggregate in source.ever + shares.filter({ !$0.isWindowed }) {
      for field in aggregate.fields { try add(aggregate, field, condition) }
    }
    let select = """
      select e.\(entity),
        \(items.joined(separator: ",\n  "))
      from \(all) as e
        left join (
          select \((["*", "true as \(mark)"] + tops.flatMap(\.columns)).joined(separator: ",\n      "))
          from \(rows.name)
        ) as r
          on r.\(name(source.entityColumn)) = e.\(entity)
      group by e.\(entity)
      """
    return (select, columns)
  }

  private func printed(
    _ expression: TypedExpression, _ spelling: SQLSpelling, in step: String
  ) throws(UnprintableRows) -> String {
    do throws(Unprintable) {
      return try expression.sql(in: dialect, spelling)
    } catch {
      throw UnprintableRows(step, error)
    }
  }

  /// Whether a row lies in a window that ends before the as-of.
  private func inWindow(
    _ window: Span, _ source: AggregatedSource, _ rows: Rows
  ) -> String {
    let time = source.time.flatMap { rows.shape.schema[$0] }.map {
      instant($0, "r.\(name($0.name))")
    }
    let asOf: String
    let start: String
    switch spelling.expressions.asOf {
    case .instant(let instant):
      asOf = literal(instant)
      start = literal(spelling.expressions.zone.instant(instant, minus: window))
    case .sql(let text):
      asOf = text
      let zone = dialect.literal(spelling.expressions.zone.name)
      // Days are those of the calendar, hours are elapsed.
      switch window {
      case .days(let days):
        start = "((\(text) at time zone \(zone)) - interval '\(days) days') at time zone \(zone)"
      case .minutes(let minutes): start = "\(text) - interval '\(minutes) minutes'"
      }
    }
    return "\(time ?? "null") >= \(start) and \(time ?? "null") < \(asOf)"
  }

  func literal(_ instant: Instant) -> String {
    dialect.literal(
      Column(type: .timestamptz, values: .int64([instant.microseconds])), at: 0)
  }
}
