import Expressions
import Frames
import Relations

/// The most frequent values of something, which features choose.
struct ChosenValues {
  /// Columns that hold them beside each row of the source, by rank.
  let columns: [String]
  /// The shares of these columns' values.
  let shares: [WindowedAggregate]
}

extension RelationPrinter {
  /// Chooses values by the rows of a source that were known at another instant: a part for each choice.
  mutating func chosenValues(
    _ source: AggregatedSource, _ plan: RelationPlan
  ) throws(UnprintableRows) -> [ChosenValues] {
    var chosen: [ChosenValues] = []
    for shares in source.tops {
      guard let chosenAt = shares.chosenAt, let then = spelling.at(chosenAt) else {
        throw UnprintableRows(
          "features",
          "the most frequent values of \(shares.name), chosen at an instant that nobody knows here")
      }
      let (asked, seen) = (spelling, suffix)
      defer {
        spelling = asked
        suffix = seen
      }
      spelling = then
      // What is seen then has names of its own.
      suffix = " before \(chosenAt.asOf.shortText(in: chosenAt.zone))"
      chosen.append(try chosenValues(shares, of: try print(plan), where: source.condition))
    }
    return chosen
  }

  private mutating func chosenValues(
    _ shares: TopShares, of rows: Rows, where test: TypedExpression?
  ) throws(UnprintableRows) -> ChosenValues {
    var condition = ""
    if let test { condition = "\n  where \(try expression(test, in: shares.name))" }
    let (value, rank) = (name("roost value"), name("roost rank"))
    let field = Field("roost value", shares.of.type)
    let top = part(
      of: rows.shape.schema, "the most frequent values for \(shares.name)",
      """
      select \(value),
        row_number() over (order by count(*) desc, \(ordered(field))) as \(rank)
      from (
        select \(try expression(shares.of, in: shares.name)) as \(value)
        from \(rows.name)\(condition)
      ) as v
      where \(value) is not null
      group by \(value)
      """, stem: "top")
    let names = shares.fields.indices.map { "roost \(shares.name) \($0 + 1)" }
    return ChosenValues(
      columns: names.enumerated().map {
        "(select \(value) from \(top) where \(rank) = \($0 + 1)) as \(name($1))"
      },
      shares: zip(shares.fields, names).map {
        WindowedAggregate(
          fields: $0, expression: shares.of.share(ofColumn: $1), isWindowed: shares.isWindowed)
      })
  }
}
