import Diagnostics
import Frames

extension Expression {
  /// Types an expression of the values of one row.
  ///
  /// A reference `scores.x` is the field named "scores.x". Aggregates are mistakes here.
  /// - Returns: nil if there are mistakes, which are added to the report; nil without a message if
  ///   it uses a column that is `unknown` in the schema.
  public func typed(in schema: Schema, _ report: Report) -> TypedExpression? {
    Typer(snippet: snippet, schema: schema, report: report).node(root)
      .map { TypedExpression($0, snippet) }
  }

  /// Types an expression that must be of a type, or of one that Postgres converts to it by itself:
  /// `typed(in: schema, as: .bool, "where", report)` reports "where must be true or false, found
  /// integer".
  ///
  /// - Parameter subject: what the message calls the expression.
  public func typed(
    in schema: Schema, as type: ColumnType, _ subject: String, _ report: Report
  ) -> TypedExpression? {
    let typer = Typer(snippet: snippet, schema: schema, report: report)
    guard let operand = typer.operand(root), let node = typer.resolve(operand, as: type) else {
      return nil
    }
    return typer.required(node, type, subject).map { TypedExpression($0, snippet) }
  }

  /// Types an expression of aggregates, such as `sum(a) / nullif(count(*), 0)`. A column outside of
  /// an aggregate is a mistake.
  ///
  /// - Parameter time: the column by which `first` and `last` order; nil where there is none.
  /// - Returns: nil if there are mistakes, which are added to the report.
  public func typedAggregate(
    in schema: Schema, orderedBy time: String? = nil, _ report: Report
  ) -> AggregateExpression? {
    let collector = AggregateCollector(time: time)
    let typer = Typer(
      snippet: snippet, schema: schema, report: report, aggregates: collector)
    return typer.node(root).map { AggregateExpression($0, collector.calls, snippet) }
  }

  /// Types an expression of aggregates that must be of a type, such as a label that must be boolean.
  public func typedAggregate(
    in schema: Schema, orderedBy time: String? = nil, as type: ColumnType, _ subject: String,
    _ report: Report
  ) -> AggregateExpression? {
    let collector = AggregateCollector(time: time)
    let typer = Typer(
      snippet: snippet, schema: schema, report: report, aggregates: collector)
    guard let operand = typer.operand(root), let node = typer.resolve(operand, as: type) else {
      return nil
    }
    return typer.required(node, type, subject)
      .map { AggregateExpression($0, collector.calls, snippet) }
  }
}

extension Typer {
  /// The node in the type that is required of the whole expression.
  func required(_ node: TypedNode, _ type: ColumnType, _ subject: String) -> TypedNode? {
    if Casts.isImplicit(from: node.type, to: type), let converted = convert(node, to: type) {
      return converted
    }
    let wanted = type == .bool ? "true or false" : "of type \(type.sqlName)"
    error(
      .wrongType, "\(subject) must be \(wanted), found \(node.type.sqlName)", node.range,
      help: type == .bool ? "compare it with something, as in x > 0" : "cast it")
    return nil
  }
}

/// An expression of the values of one row, with its type.
public struct TypedExpression: Sendable {
  let node: TypedNode
  let snippet: Snippet
  /// Tells it from every other expression, those of the same text included.
  let identity = Identity()

  final class Identity: Sendable {}

  init(_ node: TypedNode, _ snippet: Snippet) {
    self.node = node
    self.snippet = snippet
  }

  public var type: ColumnType { node.type }
  /// Of an enum, its labels in their order.
  public var labels: [String]? { node.labels }
  /// The text that it is, where it is a literal.
  public var literal: String? { node.literalText }
  public var isNullable: Bool { node.isNullable }
  /// Whether its values are personal data: see "Personal data" in the design.
  public var isPersonal: Bool { node.isPersonal }

  /// Its own part of the text in which it stands, such as the argument of an aggregate.
  public var ownText: String {
    let bytes = Array(snippet.text.utf8)
    return String(decoding: bytes[node.range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  /// The names of the columns that it reads.
  public var columns: Set<String> { node.columns }
  /// Whether its values depend on the as-of instant.
  public var dependsOnAsOf: Bool { node.dependsOnAsOf }

  /// A field that holds its values.
  public func field(named name: String, about: String? = nil) -> Field {
    Field(
      name, type, isNullable: isNullable, isPersonal: isPersonal, labels: labels, about: about)
  }

  /// The values for the rows of a frame that has the columns it was typed with.
  /// - Returns: a column with as many values as the frame has rows.
  public func evaluate(
    over frame: Frame, in context: EvaluationContext
  ) throws(EvaluationError) -> Column {
    let evaluator = Evaluator(frame: frame, context: context, snippet: snippet)
    return try evaluator.evaluate(node, .all(frame.rowCount)).expanded(to: frame.rowCount)
  }

  /// Of a boolean expression: true for the rows where it is true, false where it is false or null.
  public func selection(
    over frame: Frame, in context: EvaluationContext
  ) throws(EvaluationError) -> [Bool] {
    let column = try evaluate(over: frame, in: context)
    guard case .bool(let values) = column.values else {
      return Array(repeating: false, count: frame.rowCount)
    }
    guard let validity = column.validity else { return values }
    return zip(values, validity).map { $0 && $1 }
  }
}

extension TypedNode {
  var columns: Set<String> {
    var names: Set<String> = []
    visit { if case .column(let name) = $0.operation { names.insert(name) } }
    return names
  }

  var dependsOnAsOf: Bool {
    var depends = false
    visit { node in
      switch node.operation {
      case .asOf: depends = true
      case .call(let use, _) where use.kernel.readsAsOf: depends = true
      default: break
      }
    }
    return depends
  }
}
