import Diagnostics
import Frames

/// The rows of a group, as SQL has them in a query with `group by`.
public struct SQLRows: Sendable {
  /// A condition that rows must meet, such as that of a window; nil for all.
  public var filter: String?
  /// What orders rows of one time, such as the columns of the relation's key.
  public var order: [String]

  public init(filter: String? = nil, order: [String] = []) {
    self.filter = filter
    self.order = order
  }
}

extension AggregateExpression {
  /// The expression in a dialect of SQL, where it stands in a query that groups the rows.
  /// - Throws: where it uses what the dialect cannot say.
  public func sql(
    in dialect: Dialect, _ spelling: SQLSpelling, of rows: SQLRows = SQLRows()
  ) throws(Unprintable) -> String {
    let printer = TypedPrinter(dialect: dialect, spelling: spelling, snippet: snippet)
    var replaced: [String: SQLTerm] = [:]
    for (index, call) in calls.enumerated() {
      replaced[Self.columnName(index)] = try printer.term(call, of: rows)
    }
    return try TypedPrinter(
      dialect: dialect, spelling: spelling, snippet: snippet, replaced: replaced
    ).term(outer).text
  }
}

extension TypedPrinter {
  func term(
    _ call: AggregateExpression.Call, of rows: SQLRows
  ) throws(Unprintable) -> SQLTerm {
    // Where the first of two conditions is null, the second is evaluated, and could fail.
    let isSafe = call.filter?.node.isInfallible ?? true
    var filters = rows.filter.map { [SQLTerm.compound(isSafe ? $0 : "(\($0)) is true")] } ?? []
    if let filter = call.filter { filters.append(try term(filter.node)) }
    let printed = PrintedRows(
      name: call.name,
      value: try call.argument.map(printed) ?? SQLTerm("*"),
      valueType: call.argument?.type ?? call.type,
      valueHasColumns: call.argument?.columns.isEmpty == false,
      condition: try call.condition.map(printed) ?? SQLTerm("true"),
      time: try call.time.map(printed) ?? SQLTerm("null"), timeType: call.time?.type ?? .timestamp,
      filters: filters, order: rows.order, isDistinct: call.use.id.isDistinct, spelling: spelling)
    let range = call.argument?.node.range ?? call.time?.node.range ?? 0..<0
    return try expressed(range) { () throws(Inexpressible) in
      try dialect.grammar.aggregate(call.use, of: printed)
    }
  }

  private func printed(_ expression: TypedExpression) throws(Unprintable) -> SQLTerm {
    try term(expression.node)
  }
}
