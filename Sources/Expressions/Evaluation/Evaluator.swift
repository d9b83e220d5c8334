import Diagnostics
import Frames

/// Evaluates typed nodes over the selected rows of a frame.
///
/// A part that Postgres would not evaluate for a row is not evaluated for it here either, unless it
/// cannot fail: then computing it for all rows is faster and nobody sees the difference.
struct Evaluator {
  let frame: Frame
  let context: EvaluationContext
  let snippet: Snippet

  func evaluate(_ node: TypedNode, _ selection: Selection) throws(EvaluationError) -> Vector {
    switch node.operation {
    case .constant(let value): return value
    case .asOf:
      return .constant(.timestamptz) { $0.append(context.asOf.microseconds) }
    case .column(let name): return try column(name, node, selection)
    case .call(let use, let arguments):
      // A constant part must not fail for rows that are not there.
      if selection.count == 0, !node.isInfallible { return .null(node.type) }
      var values: [Vector] = []
      for argument in arguments { values.append(try evaluate(argument, selection)) }
      let invocation = Invocation(
        selection: selection, context: context, snippet: snippet, range: node.range)
      return try use.kernel.run(values, invocation)
    case .and(let operands): return try junction(operands, selection, decisive: false)
    case .or(let operands): return try junction(operands, selection, decisive: true)
    case .coalesce(let operands): return try coalesce(operands, node.type, selection)
    case .choice(let branches, let otherwise):
      return try choice(branches, otherwise, node.type, selection)
    }
  }

  private func column(
    _ name: String, _ node: TypedNode, _ selection: Selection
  ) throws(EvaluationError) -> Vector {
    guard let column = frame[name], column.type == node.type else {
      throw EvaluationError(
        kind: .schemaMismatch,
        message: "the frame has no column '\(name)' of type \(node.type.sqlName)",
        span: snippet.span(of: node.range), row: nil)
    }
    switch selection {
    case .all: return Vector(column)
    case .rows(let rows): return Vector(column.gathered(rows))
    }
  }

  // MARK: And, or

  /// Three-valued `and` (decided by false) and `or` (decided by true), left to right.
  private func junction(
    _ operands: [TypedNode], _ selection: Selection, decisive: Bool
  ) throws(EvaluationError) -> Vector {
    let count = selection.count
    var values = [Bool](repeating: !decisive, count: count)
    var nulls = [Bool](repeating: false, count: count)
    for (index, operand) in operands.enumerated() {
      var places: [Int32]?
      var selected = selection
      if index > 0, !operand.isInfallible {
        let narrowed = selection.narrowed { values[$0] != decisive }
        if narrowed.places.count < count { (selected, places) = narrowed }
        if narrowed.places.isEmpty { break }
      }
      let result = try evaluate(operand, selected)
      let lane = result.bools
      for row in 0..<(places?.count ?? count) {
        let place = places.map { Int($0[row]) } ?? row
        if result.isNull(row) {
          nulls[place] = true
        } else if lane.values[row &* lane.stride] == decisive {
          values[place] = decisive
        }
      }
    }
    // A null decides nothing, but something decisive decides over a null.
    var validity: [Bool]?
    if nulls.contains(true) {
      validity = (0..<count).map { !nulls[$0] || values[$0] == decisive }
    }
    return Vector(.bool, .bool(values), validity: validity, isConstant: false)
  }

  // MARK: Branches

  private func coalesce(
    _ operands: [TypedNode], _ type: ColumnType, _ selection: Selection
  ) throws(EvaluationError) -> Vector {
    var merger = Merger(type: type, count: selection.count)
    var remaining = (selection: selection, places: Array(0..<Int32(selection.count)))
    for (index, operand) in operands.enumerated() where !remaining.places.isEmpty {
      let value = try evaluate(operand, remaining.selection)
      if index == 0, value.validity == nil { return value }
      let next = remaining.selection.narrowed(value.isNull)
      merger.take(value, at: remaining.places) { !value.isNull($0) }
      remaining = (next.selection, next.places.map { remaining.places[Int($0)] })
    }
    return merger.result()
  }

  private func choice(
    _ branches: [(condition: TypedNode, value: TypedNode)], _ otherwise: TypedNode,
    _ type: ColumnType, _ selection: Selection
  ) throws(EvaluationError) -> Vector {
    var merger = Merger(type: type, count: selection.count)
    var remaining = (selection: selection, places: Array(0..<Int32(selection.count)))
    for branch in branches where !remaining.places.isEmpty {
      let condition = try evaluate(branch.condition, remaining.selection)
      let lane = condition.bools
      let isTrue = { (row: Int) in lane.values[row &* lane.stride] && !condition.isNull(row) }
      let chosen = remaining.selection.narrowed(isTrue)
      let rest = remaining.selection.narrowed { !isTrue($0) }
      if !chosen.places.isEmpty {
        let value = try evaluate(branch.value, chosen.selection)
        merger.take(value, at: chosen.places.map { remaining.places[Int($0)] }) { _ in true }
      }
      remaining = (rest.selection, rest.places.map { remaining.places[Int($0)] })
    }
    if !remaining.places.isEmpty {
      let value = try evaluate(otherwise, remaining.selection)
      merger.take(value, at: remaining.places) { _ in true }
    }
    return merger.result()
  }
}
