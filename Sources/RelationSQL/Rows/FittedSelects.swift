import Expressions
import Frames
import Relations

/// Steps that learn something of all rows.
extension RelationPrinter {
  func clipped(_ step: RowStep.Clip, _ rows: Rows) throws(UnprintableRows) -> String {
    let column = name(step.field.name)
    let (low, high) = (name("roost low"), name("roost high"))
    let fractions = [step.lower, step.upper]
    let bounds =
      step.interpolates
      ? try interpolated(step, rows)
      : fractions.map { "percentile_disc(\($0)) within group (order by \(column))" }
    let source = step.interpolates ? sortedValues(step.field, rows) : rows.name
    let clipped =
      "case when \(column) < \(low) then \(low) when \(column) > \(high) then \(high) "
      + "else \(column) end"
    return select(
      step, rows, [step.field.name: clipped],
      from: """
        \(rows.name) cross join (
          select
            \(bounds[0]) as \(low),
            \(bounds[1]) as \(high)
          from \(source)
        ) as bounds
        """)
  }

  /// The values of a column in their order, in one array `v` of `n`.
  private func sortedValues(_ field: Field, _ rows: Rows) -> String {
    let column = name(field.name)
    return """
      (
            select array_agg(\(column) order by \(column)) as v, count(*) as n
            from \(rows.name)
            where \(column) is not null
          ) as sorted
      """
  }

  /// The two quantiles, each between the values around its place (`percentile_cont`), where these are
  /// numbers; of an infinity and a number the nearer one.
  private func interpolated(
    _ step: RowStep.Clip, _ rows: Rows
  ) throws(UnprintableRows) -> [String] {
    let scale: Int
    switch step.field.type {
    case .int2, .int4: scale = 0
    // Beyond, doubles do not hold the digits.
    case .numeric(let precision, let places) where precision <= 15: scale = places
    case .float8: scale = 0
    default:
      throw UnprintableRows(
        step.label, "quantiles between two values of type \(step.field.type.sqlName)")
    }
    return [step.lower, step.upper].map { fraction in
      let place = "(\(fraction)::double precision * (n - 1))"
      let low = "v[floor(\(place))::int + 1]"
      let high = "v[ceil(\(place))::int + 1]"
      let share = "(\(place) - floor(\(place)))"
      guard step.field.type != .float8 else {
        return "case when \(low) = \(high) or \(share) = 0 then \(low) "
          + "when 'infinity' in (abs(\(low)), abs(\(high))) or \(high) = 'nan' "
          + "then case when \(share) < 0.5 then \(low) else \(high) end "
          + "else \(low) + \(share) * (\(high) - \(low)) end"
      }
      let unit = scale == 0 ? "" : " * 1\(String(repeating: "0", count: scale))"
      let between =
        "((\(low)::numeric\(unit))::double precision "
        + "+ ((\(high)::numeric - \(low)::numeric)\(unit))::double precision * \(share))"
      let whole = "\(rounded(between))::bigint"
      return scale == 0
        ? "(\(whole))::\(dialect.type(step.field.type))"
        : "(\(whole) / 1\(String(repeating: "0", count: scale)).0)"
          + "::\(dialect.type(step.field.type))"
    }
  }

  /// A double precision number rounded half away from zero, which Postgres's own round is not.
  private func rounded(_ number: String) -> String {
    "(trunc(\(number)) + case when abs(\(number) - trunc(\(number))) >= 0.5 "
      + "then sign(\(number)) else 0 end)"
  }

  func filled(_ step: RowStep.Fill, _ rows: Rows) throws(UnprintableRows) -> String {
    let column = name(step.field.name)
    let value: String
    switch step.source {
    case .expression(let expression):
      value = try self.expression(expression, in: step.label)
    case .statistic(let statistic):
      value =
        "(\n    select \(self.statistic(statistic, of: step.field))\n    from \(rows.name)\n  )"
    }
    return select(step, rows, [step.field.name: "coalesce(\(column), \(value))"])
  }

  /// The value itself: where it is ordered by something else it is found by that again.
  private func statistic(_ statistic: RowStep.Fill.Statistic, of field: Field) -> String {
    let call = statistic == .mode ? "mode()" : "percentile_disc(0.5)"
    let found = "\(call) within group (order by \(ordered(field)))"
    if let labels = field.labels { return "(\(array(labels)))[\(found)]" }
    return switch field.type {
    case .text: "(\(found)) collate \"default\""
    case .jsonb: "(\(found))::jsonb"
    default: found
    }
  }

  func compared(_ step: RowStep.Compare, _ rows: Rows) throws(UnprintableRows) -> String {
    let groups = step.groups.compactMap { rows.shape.schema[$0] }
    let number = try expression(step.number, in: step.label)
    let usual = name("roost usual")
    let aggregate: String
    do throws(Unprintable) {
      aggregate = try step.usual.sql(in: dialect, spelling.expressions)
    } catch {
      throw UnprintableRows(step.label, error)
    }
    let keys = groups.enumerated().map { "\(grouped($1)) as \(name("roost by \($0 + 1)"))" }
    let matches = groups.enumerated().map {
      "\(grouped($1)) is not distinct from \(name("roost by \($0 + 1)"))"
    }
    let quotient = "(\(number)) / nullif(\(usual), 0)"
    return select(
      step, rows, [step.field.name: quotient],
      from: """
        \(rows.name) left join (
          select \((keys + ["\(aggregate) as \(usual)"]).joined(separator: ", "))
          from \(rows.name)
          group by \(groups.map { grouped($0) }.joined(separator: ", "))
        ) as others on \(matches.joined(separator: " and "))
        """)
  }
}
