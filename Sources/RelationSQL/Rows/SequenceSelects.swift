import Expressions
import Frames
import Relations

extension RelationPrinter {
  func sequenced(_ step: RowStep.Sequence, _ rows: Rows) throws(UnprintableRows) -> String {
    let schema = rows.shape.schema
    let (by, order) = partition(step.by, step.order, step.labels, isDescending: false, schema)
    let (number, previous) = (name("roost number"), name("roost previous"))
    let time = name(step.order)
    var made: [String: String] = [:]
    var inner = [
      "row_number() over entity as \(number)", "lag(\(time)) over entity as \(previous)",
    ]
    for column in step.made {
      switch column.value {
      case .number: made[column.field.name] = number
      case .previous(let source):
        let lag = name("roost previous \(column.field.name)")
        inner.append("lag(\(name(source))) over entity as \(lag)")
        made[column.field.name] = lag
      case .session(let gap):
        guard schema[step.order]?.type.isTime == true else {
          throw UnprintableRows(step.label, "sessions in order of what is no time")
        }
        made[column.field.name] =
          "count(*) filter (where \(number) = 1 or \(time) > \(previous) "
          + "+ interval '\(gap) microseconds') over entity"
      }
    }
    let window = "window entity as (\n  partition by \(by)\n  order by \(order))"
    return """
      \(select(step, rows, made, from: "(\n  select *, \(inner.joined(separator: ", "))\n  from \(rows.name)\n  \(window)\n) as numbered"))
      \(window)
      """
  }
}
