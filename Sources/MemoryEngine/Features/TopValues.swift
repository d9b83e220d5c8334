import Expressions
import Frames
import Relations

extension TopShares {
  /// The most frequent values of some rows, of equally frequent ones the least first; as many as
  /// there are ranks, or fewer.
  func values(in rows: Frame, _ context: EvaluationContext) throws(EvaluationError) -> Column {
    let column = try of.evaluate(over: rows, in: context)
    let grouping = Grouping(by: [column], rowCount: rows.rowCount)
    var sizes = [Int](repeating: 0, count: grouping.count)
    for group in grouping.groups { sizes[Int(group)] += 1 }
    let distinct = column.taking(grouping.firstRows)
    let frame = Frame(
      schema: Schema([Field(name, column.type)]), columns: [distinct], rowCount: grouping.count)
    // The sort is by size in an order of values, which decides where sizes are equal.
    let ordered = frame.order(by: [SortColumn(name)]).filter { !distinct.isNull(Int($0)) }
    let ranks = ordered.indices.sorted {
      let (a, b) = (sizes[Int(ordered[$0])], sizes[Int(ordered[$1])])
      return a > b || (a == b && $0 < $1)
    }
    return distinct.taking(ranks.prefix(fields.count).map { ordered[$0] })
  }
}

extension AggregatedSource {
  /// Chooses the values of all shares of top values by the rows that were known before their instant.
  func topValues(in relation: any Relation, _ facts: RunFacts) async throws -> [TopValues] {
    var chosen: [TopValues] = []
    // Steps that look at several rows are done anew for each instant that is asked for: once is enough.
    var known: (at: Instant, rows: Frame)?
    for shares in tops {
      let chosenAt = shares.chosenAt ?? facts
      let context = EvaluationContext(asOf: chosenAt.asOf, zone: chosenAt.zone)
      var rows: Frame
      if let known, known.at == chosenAt.asOf {
        rows = known.rows
      } else {
        rows = try await relation.frame(asOf: chosenAt.asOf)
        if let condition {
          rows = rows.filtered(by: try condition.selection(over: rows, in: context))
        }
        known = (chosenAt.asOf, rows)
      }
      chosen.append(
        TopValues(
          shares: shares, values: try shares.values(in: rows, context), chosenAt: chosenAt))
    }
    return chosen
  }
}
