import Expressions
import Frames
import Relations

extension RowCheck {
  /// What an engine measures for it, as SQL that makes one row: of what is counted `found` and `of`, of
  /// times `latest`, of sums `own` and `other`, of a measure `value`.
  /// - Parameter others: the rows of other stages that it looks at, by stage.
  /// - Throws: where it uses what the dialect cannot say.
  public func sql(
    of rows: RelationPlan, beside others: [String: RelationPlan] = [:], in dialect: Dialect,
    _ spelling: RelationSpelling
  ) throws(UnprintableRows) -> PrintedRelation {
    var printer = RelationPrinter(dialect: dialect, spelling: spelling)
    let own = try printer.print(rows)
    var other: RelationPrinter.Rows?
    if let stage = needs.others.first?.stage {
      guard let plan = others[stage] else {
        throw UnprintableRows("check", "rows of stage \(stage), of which nothing is known")
      }
      other = try printer.print(plan)
    }
    let items = try printer.measured(self, own, other)
    _ = printer.part(
      of: own.shape.schema, "what a check asks",
      "select "
        + items.map { "\($0.text) as \(printer.name($0.name))" }.joined(separator: ",\n  ")
        + "\nfrom \(own.name) as l", stem: "check")
    var printed = printer.printed
    printed.columns = items.map { printer.name($0.name) }
    return printed
  }
}

extension RelationPrinter {
  fileprivate typealias Item = (name: String, text: String)

  fileprivate func measured(
    _ check: RowCheck, _ own: Rows, _ other: Rows?
  ) throws(UnprintableRows) -> [Item] {
    func counted(_ condition: String) -> [Item] {
      [("found", "count(*) filter (where \(condition))"), ("of", "count(*)")]
    }
    switch check {
    case .rows: return [("found", "count(*)"), ("of", "count(*)")]
    case .rejected:
      throw UnprintableRows("check", "how many rows were rejected, which steps count")
    case .notNull(let column), .shareOfNulls(let column, _):
      return counted("l.\(name(column)) is null")
    case .unique(let columns):
      let groups = columns.compactMap { own.shape.schema[$0] }.map { grouped($0) }
      let distinct =
        "(select count(*) from (select 1 from \(own.name) group by "
        + "\(groups.joined(separator: ", "))) as g)"
      return [("found", "count(*) - \(distinct)"), ("of", "count(*)")]
    case .values(let values), .matches(let values):
      return counted(try expression(values.offending, in: "check of \(values.column)"))
    case .fresh(let fresh):
      let time = own.shape.schema[fresh.column].map { instant($0, "l.\(name($0.name))") } ?? "null"
      return [("latest", "max(\(time)) filter (where isfinite(\(time)))")]
    case .relationship(let column, let found):
      let value = "l.\(name(column))"
      return counted(
        "\(value) is not null and not exists (select from \(other?.name ?? "") as r "
          + "where r.\(name(found.column)) = \(value))")
    case .sumsAgree(let sums):
      return [
        ("own", sum(sums.column, own, "l")),
        (
          "other",
          "(select \(sum(sums.other.column, other ?? own, "r")) from \(other?.name ?? "") as r)"
        ),
      ]
    case .change(let change):
      let value: String
      switch change.measure {
      case .rows: value = "count(*)"
      case .nulls(let column):
        value =
          "count(*) filter (where l.\(name(column)) is null)::double precision "
          + "/ greatest(count(*), 1)"
      case .sum(let column): value = sum(column, own, "l")
      }
      return [("value", "(\(value))::double precision")]
    }
  }

  /// Exact where the values are.
  private func sum(_ column: String, _ rows: Rows, _ table: String) -> String {
    let sum = "coalesce(sum(\(table).\(name(column))), 0)"
    return rows.shape.schema[column]?.type.isFloat == true ? sum : "\(sum)::numeric"
  }
}
