import Frames

/// The rows of a group in Postgres, from which an aggregate is made.
struct PostgresRows {
  private static let grammar = PostgresGrammar()
  private let rows: PrintedRows
  let value: SQLTerm
  let condition: SQLTerm
  /// The time of a row: a `timestamptz`, or a `timestamp` in the place of a date too.
  let time: SQLTerm

  init(_ rows: PrintedRows) {
    self.rows = rows
    value = rows.value
    condition = rows.condition
    time =
      rows.timeType == .date ? Self.grammar.cast(rows.time, to: .timestamp) : rows.time
  }

  var valueType: ColumnType { rows.valueType }
  var number: SQLTerm {
    valueType == .float8 ? value : Self.grammar.cast(value, to: .float8)
  }

  /// A value that is chosen by its order.
  var ordered: SQLTerm { valueType == .text ? Self.grammar.byBytes(value) : value }

  /// What was chosen by its order.
  func chosen(_ term: SQLTerm) -> SQLTerm {
    valueType == .text ? Self.grammar.collatedByDefault(term) : term
  }

  func cast(_ term: SQLTerm, to type: ColumnType) -> SQLTerm { Self.grammar.cast(term, to: type) }

  /// `function(argument) filter (where …)`.
  func call(_ function: String, _ argument: SQLTerm? = nil, where more: [String] = []) -> SQLTerm {
    let distinct = rows.isDistinct ? "distinct " : ""
    return SQLTerm("\(function)(\(distinct)\((argument ?? value).text))" + filter(more))
  }

  func withinGroup(_ call: String, _ argument: SQLTerm) -> SQLTerm {
    SQLTerm("\(call) within group (order by \(argument.text))" + filter())
  }

  /// The value of the first row by the time, or of the last. Rows without a value stand at the end: a
  /// filter that asks for the value would work it out where the other filters are null.
  func first(isLast: Bool) -> SQLTerm {
    let order = ([rows.time.text] + rows.order).map { isLast ? "\($0) desc" : $0 }
    let all = ["\(value.nested) is null"] + order
    let there = ["\(rows.time.nested) is not null"]
    return SQLTerm(
      "(array_agg(\(value.text) order by \(all.joined(separator: ", ")))\(filter(there)))[1]")
  }

  /// A query over the rows of the group as a table: `from` gives them under the names of columns.
  func query(_ text: String) -> SQLTerm { SQLTerm("(\(text))") }

  /// Values of the rows that count as a table with the columns of these names.
  func table(_ columns: [(name: String, value: SQLTerm)], where more: [String] = []) -> String {
    let arrays = columns.map { "array_agg(\($0.value.text))" + filter(more) }
    return "unnest(\(arrays.joined(separator: ", ")))"
  }

  /// The values, nulls among them, as `v`. Without a column in them, Postgres would look for rows in the
  /// inner query.
  var values: String {
    get throws(Inexpressible) {
      guard rows.valueHasColumns else { throw Inexpressible("\(rows.name) of a literal") }
      return table([("v", value)]) + " as r(v)"
    }
  }

  var hasTime: String { "isfinite(\(time.text))" }

  /// The times that are finite, as `t`.
  var times: String { table([("t", time)], where: [hasTime]) + " as r(t)" }

  // MARK: Times

  private var isOfInstants: Bool { rows.timeType == .timestamptz }

  /// The local time of what is a time of the rows.
  func local(_ time: SQLTerm) -> SQLTerm {
    isOfInstants ? Self.grammar.local(time, rows.spelling) : time
  }

  /// The as-of as a time of the rows.
  var now: SQLTerm {
    let asOf = Self.grammar.asOf(rows.spelling.asOf)
    return isOfInstants ? asOf : Self.grammar.local(asOf, rows.spelling)
  }

  var localNow: SQLTerm { Self.grammar.local(Self.grammar.asOf(rows.spelling.asOf), rows.spelling) }

  func interval(_ time: ElapsedTime) -> String {
    Self.grammar.literal(.interval(IntervalValue(microseconds: time.microseconds)), .interval).text
  }

  /// The number of the period of a local time.
  func number(of period: CalendarPeriod, _ time: SQLTerm) -> String {
    switch period {
    case .day: "\(time.nested)::date - date '2000-01-01'"
    case .week: "(date_trunc('week', \(time.text))::date - date '2000-01-03') / 7"
    case .month:
      "(extract(year from \(time.text)) * 12 + extract(month from \(time.text)))::integer"
    }
  }

  /// `seconds`, exactly, as a number of other units.
  func elapsed(_ difference: String, in microseconds: Int64) -> String {
    "(extract(epoch from \(difference)) * 1000000)::double precision / \(microseconds)"
  }

  private func filter(_ more: [String] = []) -> String {
    let conditions = rows.filters + more.map { SQLTerm($0) }
    if conditions.isEmpty { return "" }
    let text =
      conditions.count == 1
      ? conditions[0].text : conditions.map(\.nested).joined(separator: " and ")
    return " filter (where \(text))"
  }
}

extension PostgresGrammar {
  func aggregate(_ use: AggregateUse, of rows: PrintedRows) throws(Inexpressible) -> SQLTerm {
    try use.postgres(PostgresRows(rows))
  }
}
