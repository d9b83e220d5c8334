import Frames

/// Typed expressions are equal where they mean the same: by functions, literals, columns and types, not
/// by where they were written or what evaluates them.
extension TypedNode: Hashable {
  static func == (a: Self, b: Self) -> Bool {
    a.type == b.type && a.labels == b.labels && a.operation == b.operation
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(operation)
  }
}

extension TypedNode.Operation: Hashable {
  static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.column(let a), .column(let b)): a == b
    case (.constant(let a), .constant(let b)): a.type == b.type && a.literal == b.literal
    case (.asOf, .asOf): true
    case (.call(let f, let a), .call(let g, let b)): f.id == g.id && a == b
    case (.and(let a), .and(let b)), (.or(let a), .or(let b)), (.coalesce(let a), .coalesce(let b)):
      a == b
    case (.choice(let a, let other), .choice(let b, let another)):
      a.map(\.condition) == b.map(\.condition) && a.map(\.value) == b.map(\.value)
        && other == another
    case (.column, _), (.constant, _), (.asOf, _), (.call, _), (.and, _), (.or, _), (.coalesce, _),
      (.choice, _):
      false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .column(let name): hasher.combine(name)
    case .constant(let value):
      hasher.combine(value.type)
      hasher.combine(value.literal)
    case .asOf: hasher.combine("as_of")
    case .call(let use, let arguments):
      hasher.combine(use.id)
      hasher.combine(arguments)
    case .and(let operands): hash("and", operands, into: &hasher)
    case .or(let operands): hash("or", operands, into: &hasher)
    case .coalesce(let operands): hash("coalesce", operands, into: &hasher)
    case .choice(let branches, let otherwise):
      hash("case", branches.flatMap { [$0.condition, $0.value] } + [otherwise], into: &hasher)
    }
  }

  private func hash(_ word: String, _ nodes: [TypedNode], into hasher: inout Hasher) {
    hasher.combine(word)
    hasher.combine(nodes)
  }
}

extension Vector {
  /// The value of a constant.
  var literal: LiteralValue { LiteralValue(column, at: 0) }
}

extension TypedExpression: Hashable {
  public static func == (a: Self, b: Self) -> Bool { a.node == b.node }
  public func hash(into hasher: inout Hasher) { hasher.combine(node) }
}

extension AggregateExpression: Hashable {
  public static func == (a: Self, b: Self) -> Bool { a.outer == b.outer && a.calls == b.calls }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(outer)
    hasher.combine(calls)
  }
}

extension AggregateExpression.Call: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    a.use.id == b.use.id && a.argument == b.argument && a.condition == b.condition
      && a.filter == b.filter && a.time == b.time && a.type == b.type
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(use.id)
    hasher.combine(argument)
    hasher.combine(filter)
  }
}
