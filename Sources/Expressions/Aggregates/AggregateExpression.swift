import Diagnostics
import Frames

/// An expression of the aggregates of a group of rows, with its type.
public struct AggregateExpression: Sendable {
  /// One aggregate call in it.
  public struct Call: Sendable {
    let use: AggregateUse
    /// Nil for `count(*)` and what is of the times alone.
    public let argument: TypedExpression?
    /// Of carts, whether a row buys one.
    let condition: TypedExpression?
    /// Only rows where it is true count.
    public let filter: TypedExpression?
    /// The times of the rows, for what looks at them.
    public let time: TypedExpression?
    public let type: ColumnType

    /// The name of the aggregate, such as `sum`.
    public var name: String { use.id.name }
  }

  public let calls: [Call]
  let outer: TypedNode
  let snippet: Snippet

  init(_ outer: TypedNode, _ calls: [Call], _ snippet: Snippet) {
    self.outer = outer
    self.calls = calls
    self.snippet = snippet
  }

  public var type: ColumnType { outer.type }
  /// Of an enum, its labels in their order.
  public var labels: [String]? { outer.labels }
  public var isNullable: Bool { outer.isNullable }
  public var isPersonal: Bool { outer.isPersonal }

  /// The names of the columns that it reads.
  public var columns: Set<String> {
    calls.flatMap { [$0.argument, $0.condition, $0.filter, $0.time] }.compactMap { $0?.columns }
      .reduce(into: []) { $0.formUnion($1) }
  }

  /// Whether its values depend on the as-of instant.
  public var dependsOnAsOf: Bool {
    outer.dependsOnAsOf
      || calls.contains {
        $0.use.dependsOnAsOf
          || [$0.argument, $0.condition, $0.filter].contains { $0?.dependsOnAsOf ?? false }
      }
  }

  /// A field that holds its values.
  public func field(named name: String, about: String? = nil) -> Field {
    Field(
      name, type, isNullable: isNullable, isPersonal: isPersonal, labels: labels, about: about)
  }

  static func columnName(_ index: Int) -> String { "aggregate \(index)" }

  /// Aggregates the rows of a frame into one state per group.
  ///
  /// - Parameters:
  ///   - rows: the rows of the frame that are aggregated, in this order; nil for all.
  ///   - groups: the group of each of these, from 0; -1 for a row that does not count.
  ///   - groupCount: how many groups there are; those without rows have the state of no rows.
  ///   - windows: into how many windows an entity's rows fall; the groups are numbered window after
  ///     window, in each for every entity in the same order.
  ///   - cache: what is known of this frame from evaluations at other instants.
  ///   - times: what expressions over the same rows and groups have in common at this instant.
  public func accumulate(
    over frame: Frame, rows: [Int32]? = nil, groups: [Int32], groupCount: Int, windows: Int = 1,
    in context: EvaluationContext, cache: EvaluationCache = EvaluationCache(),
    times: SharedTimes = SharedTimes()
  ) throws(EvaluationError) -> Accumulation {
    let selected = GroupedRows(
      selection: rows.map(Selection.rows) ?? .all(frame.rowCount), groups: groups)
    let layout = GroupLayout(groupCount, windows: windows)
    var states: [any AggregateState] = []
    for call in calls {
      let input = AggregateInput(frame: frame, rows: selected, context: context, cache: cache)
      states.append(try call.state(over: input, layout, times: times))
    }
    return Accumulation(expression: self, states: states, layout: layout)
  }
}

/// The states of the aggregates of an expression, one per group.
public struct Accumulation: Sendable {
  let expression: AggregateExpression
  var states: [any AggregateState]
  let layout: GroupLayout
  public var groupCount: Int { layout.count }

  /// Adds the rows of one group to another; the source stays as it is.
  public mutating func merge(_ source: Int, into target: Int) {
    for index in states.indices { states[index].merge(source, into: target) }
  }

  /// Adds to each window of each entity those before it.
  public mutating func accumulateWindows() {
    for index in states.indices { states[index].accumulateWindows(layout) }
  }

  /// The values of the expression for some of the states, in their order. An error's row is a place
  /// in `indices`.
  public func finish(
    _ indices: [Int], in context: EvaluationContext
  ) throws(EvaluationError) -> Column {
    var fields: [Field] = []
    var columns: [Column] = []
    for (index, state) in states.enumerated() {
      let type = expression.calls[index].type
      fields.append(Field(AggregateExpression.columnName(index), type))
      let (column, failed) = state.column(of: indices, type)
      if let failed {
        throw EvaluationError(
          kind: .outOfRange, message: type.outOfRange, span: expression.snippet.span,
          row: failed)
      }
      columns.append(column)
    }
    let frame = Frame(schema: Schema(fields), columns: columns, rowCount: indices.count)
    let evaluator = Evaluator(frame: frame, context: context, snippet: expression.snippet)
    return try evaluator.evaluate(expression.outer, .all(indices.count))
      .expanded(to: indices.count)
  }
}
