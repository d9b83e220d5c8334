import Expressions
import Frames
import Relations

extension LabelPlan {
  /// The label of each entity at a cutoff, as SQL: the entity, and what became of it.
  /// - Parameters:
  ///   - entities: those that have the label, by the first of its columns.
  ///   - rows: those that decide.
  ///   - cutoff: how entities and the label are spelled, with the cutoff as as-of.
  ///   - seen: how rows are spelled, with the instant as as-of by which they are seen.
  /// - Throws: where it uses what the dialect cannot say.
  public func sql(
    of entities: RelationPlan, over rows: RelationPlan, at cutoff: RelationSpelling,
    seen: RelationSpelling, in dialect: Dialect
  ) throws(UnprintableRows) -> PrintedRelation {
    var printer = RelationPrinter(dialect: dialect, spelling: seen)
    printer.suffix = " since"
    // What began in the window began, whatever became of it since.
    let deciding = try printer.print(rows, .known)
    printer.spelling = cutoff
    printer.suffix = ""
    let all = try printer.print(entities)
    let select = try printer.label(self, entities.shape.key.first ?? "", all, deciding)
    let entity = printer.name(entities.shape.key.first ?? "")
    _ = printer.part(of: all.shape.schema, "label \(name)", select, stem: "labels")
    var printed = printer.printed
    printed.columns = [entity, printer.name(name)]
    printed.order = [entity]
    return printed
  }
}

extension RelationPrinter {
  fileprivate func label(
    _ label: LabelPlan, _ entity: String, _ entities: Rows, _ rows: Rows
  ) throws(UnprintableRows) -> String {
    guard case .instant(let cutoff) = spelling.expressions.asOf else {
      throw UnprintableRows("label \(label.name)", "a cutoff that is no instant")
    }
    let zone = spelling.expressions.zone
    let mark = name("roost row")
    let dialect = dialect
    var inRow = spelling.expressions
    inRow.column = { "r." + dialect.identifier($0) }
    let time = rows.shape.schema[label.time].map {
      instant($0, "r.\(name(label.time))")
    }
    var filter =
      "r.\(mark) and \(time ?? "null") >= \(literal(label.window.start(of: cutoff, in: zone))) "
      + "and \(time ?? "null") < \(literal(label.window.end(of: cutoff, in: zone)))"
    let text: String
    do throws(Unprintable) {
      if let condition = label.condition {
        filter += " and (\(try condition.sql(in: dialect, inRow)))"
      }
      text = try label.test.sql(
        in: dialect, inRow,
        of: SQLRows(
          filter: filter,
          order: rows.shape.key.compactMap { rows.shape.schema[$0] }.map {
            ordered($0, "r.\(name($0.name))")
          }))
    } catch {
      throw UnprintableRows("label \(label.name)", error)
    }
    return """
      select e.\(name(entity)),
        \(text) as \(name(label.name))
      from \(entities.name) as e
        left join (select *, true as \(mark) from \(rows.name)) as r
          on r.\(name(label.entityColumn)) = e.\(name(entity))
      group by e.\(name(entity))
      """
  }
}
