import Frames

/// How a dialect says what typed expressions consist of. What is in it knows nothing of the tree, and the
/// walk over the tree knows nothing of any dialect.
protocol Grammar: Sendable {
  func identifier(_ name: String) -> String
  func type(_ type: ColumnType) -> String
  func literal(_ value: LiteralValue, _ type: ColumnType) -> SQLTerm
  func asOf(_ asOf: SQLSpelling.AsOf) -> SQLTerm
  func call(_ call: PrintedCall) throws(Inexpressible) -> SQLTerm
  func aggregate(_ use: AggregateUse, of rows: PrintedRows) throws(Inexpressible) -> SQLTerm
  /// Whether a value of the type lies between two others.
  func between(
    _ value: SQLTerm, _ low: SQLTerm, _ high: SQLTerm, isNegated: Bool, _ type: ColumnType
  ) -> SQLTerm
}

/// A call whose arguments are printed already.
struct PrintedCall {
  let id: FunctionID
  let arguments: [SQLTerm]
  let nodes: [TypedNode]
  /// Of the result.
  let type: ColumnType
  let spelling: SQLSpelling
}

/// What an aggregate is of, printed already.
struct PrintedRows {
  /// The aggregate's.
  let name: String
  /// The value and its type; `*` where the aggregate takes none.
  let value: SQLTerm
  let valueType: ColumnType
  let valueHasColumns: Bool
  /// Of carts, whether a row buys one.
  let condition: SQLTerm
  /// The time of a row and its type.
  let time: SQLTerm
  let timeType: ColumnType
  /// What must be true of a row that counts.
  let filters: [SQLTerm]
  /// What orders rows of one time.
  let order: [String]
  let isDistinct: Bool
  let spelling: SQLSpelling
}

/// What the standard says, and all dialects with it.
extension Grammar {
  func and(_ operands: [SQLTerm]) -> SQLTerm { operands.joined(by: "and") }
  func or(_ operands: [SQLTerm]) -> SQLTerm { operands.joined(by: "or") }
  func coalesce(_ operands: [SQLTerm]) -> SQLTerm { SQLTerm("coalesce(\(operands.list))") }

  func choice(
    _ branches: [(condition: SQLTerm, value: SQLTerm)], otherwise: SQLTerm
  ) -> SQLTerm {
    let whens = branches.map { "when \($0.condition.text) then \($0.value.text)" }
    return SQLTerm("case \(whens.joined(separator: " ")) else \(otherwise.text) end")
  }

  func within(_ value: SQLTerm, _ items: [SQLTerm], isNegated: Bool) -> SQLTerm {
    .compound("\(value.nested) \(isNegated ? "not " : "")in (\(items.list))")
  }
}
