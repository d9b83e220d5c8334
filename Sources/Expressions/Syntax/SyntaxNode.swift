import Diagnostics

/// A node of the parsed expression: what stands there, before names and types are known.
struct SyntaxNode: Sendable {
  let kind: Kind
  /// UTF-8 offsets in the snippet's text.
  let range: Range<Int>
  /// How many nodes stand on the longest way down, this one included.
  let depth: Int

  init(_ kind: Kind, _ range: Range<Int>) {
    self.kind = kind
    self.range = range
    depth = 1 + (kind.children.map(\.depth).max() ?? 0)
  }

  indirect enum Kind: Sendable {
    /// A number with its sign, as written; `isDecimal` where it has a point or an exponent.
    case number(String, isDecimal: Bool)
    case text(String)
    case boolean(Bool)
    case null
    case column(ColumnReference)
    case asOf
    case negate(SyntaxNode)
    case not(SyntaxNode)
    case and([SyntaxNode])
    case or([SyntaxNode])
    case binary(BinaryOperator, SyntaxNode, SyntaxNode)
    case test(SyntaxNode, Test, isNegated: Bool)
    case distinct(SyntaxNode, SyntaxNode, isNegated: Bool)
    case within(SyntaxNode, [SyntaxNode], isNegated: Bool)
    case between(SyntaxNode, SyntaxNode, SyntaxNode, isNegated: Bool)
    case like(SyntaxNode, SyntaxNode, escape: SyntaxNode?, ignoresCase: Bool, isNegated: Bool)
    case cast(SyntaxNode, TypeName)
    case choice(operand: SyntaxNode?, branches: [Branch], otherwise: SyntaxNode?)
    case call(Call)
  }

  /// What `is` tests for.
  enum Test: String, Sendable { case null, `true`, `false`, unknown }

  struct Branch: Sendable {
    let condition: SyntaxNode
    let value: SyntaxNode
  }

  struct Call: Sendable {
    let name: String
    let nameRange: Range<Int>
    let arguments: [SyntaxNode]
    var isStar = false
    var isDistinct = false
    /// What `within group (order by …)` orders.
    var ordered: SyntaxNode?
    var filter: SyntaxNode?
  }

  /// A type as written: `numeric(12, 2)` has two modifiers.
  struct TypeName: Sendable {
    let name: String
    let modifiers: [Int]
    let range: Range<Int>
  }
}

/// Where an expression names a column.
public struct ColumnReference: Sendable {
  /// The part before the point, as in `scores.churn_probability`.
  public let qualifier: String?
  public let name: String
  public let span: SourceSpan
  let isQuoted: Bool

  /// The name under which a schema holds the column: `scores.churn_probability`.
  public var key: String { qualifier.map { "\($0).\(name)" } ?? name }
}

enum BinaryOperator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case power = "^"
  case concatenate = "||"
  case matches = "~"
  case matchesIgnoringCase = "~*"
  case doesNotMatch = "!~"
  case doesNotMatchIgnoringCase = "!~*"
  case equal = "="
  case notEqual = "<>"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  /// Postgres's order of binding: a higher one binds tighter.
  var precedence: Precedence {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
    case .concatenate, .matches, .matchesIgnoringCase, .doesNotMatch, .doesNotMatchIgnoringCase:
      .otherOperator
    case .add, .subtract: .sum
    case .multiply, .divide, .remainder: .product
    case .power: .power
    }
  }
}

/// Postgres's operator precedence (its manual, section 4.1.6), lowest first.
enum Precedence: Int, Comparable {
  case or, and, not, isTest, comparison, membership, otherOperator, sum, product, power, zone
  case sign, cast

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  /// The precedence that the right operand of a left-associative operator needs.
  var next: Precedence { Precedence(rawValue: rawValue + 1) ?? self }
}

extension SyntaxNode.Kind {
  var children: [SyntaxNode] {
    switch self {
    case .number, .text, .boolean, .null, .column, .asOf: []
    case .negate(let operand), .not(let operand), .test(let operand, _, _), .cast(let operand, _):
      [operand]
    case .and(let operands), .or(let operands): operands
    case .binary(_, let left, let right), .distinct(let left, let right, _): [left, right]
    case .like(let left, let pattern, let escape, _, _):
      [left, pattern] + [escape].compactMap(\.self)
    case .within(let operand, let list, _): [operand] + list
    case .between(let operand, let low, let high, _): [operand, low, high]
    case .choice(let operand, let branches, let otherwise):
      [operand].compactMap(\.self) + branches.flatMap { [$0.condition, $0.value] }
        + [otherwise].compactMap(\.self)
    case .call(let call): call.arguments + [call.ordered, call.filter].compactMap(\.self)
    }
  }
}

extension SyntaxNode {
  /// Visits every node, a parent before its children.
  func visit(_ body: (SyntaxNode) -> Void) {
    body(self)
    for child in kind.children { child.visit(body) }
  }
}
