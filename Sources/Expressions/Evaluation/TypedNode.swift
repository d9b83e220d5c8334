import Frames

/// A node whose type is known and whose arguments were converted to what its kernel takes.
struct TypedNode: Sendable {
  let operation: Operation
  let type: ColumnType
  let isNullable: Bool
  let isPersonal: Bool
  /// Whether no row can make it, or anything in it, fail.
  let isInfallible: Bool
  /// UTF-8 offsets in the snippet's text.
  let range: Range<Int>
  /// Of a text that is an enum, its labels in their order.
  var labels: [String]?

  indirect enum Operation: Sendable {
    case column(String)
    case constant(Vector)
    case asOf
    case call(FunctionUse, [TypedNode])
    case and([TypedNode])
    case or([TypedNode])
    case coalesce([TypedNode])
    /// The value of the first branch whose condition is true.
    case choice([(condition: TypedNode, value: TypedNode)], otherwise: TypedNode)
  }

  /// A call that is null and personal if one of its arguments is.
  init(
    _ name: FunctionName, by kernel: Kernel, _ arguments: [TypedNode], _ type: ColumnType,
    range: Range<Int>, isNullable: Bool? = nil, isPersonal: Bool? = nil
  ) {
    let id = FunctionID(name: name, takes: arguments.map(\.type))
    self.init(
      .call(FunctionUse(id: id, kernel: kernel), arguments), type, range: range,
      isNullable: isNullable ?? arguments.contains(where: \.isNullable),
      isPersonal: isPersonal ?? arguments.contains(where: \.isPersonal),
      isInfallible: kernel.isInfallible && arguments.allSatisfy(\.isInfallible))
  }

  init(
    _ operation: Operation, _ type: ColumnType, range: Range<Int>, isNullable: Bool,
    isPersonal: Bool = false, isInfallible: Bool = true
  ) {
    self.operation = operation
    self.type = type
    self.isNullable = isNullable
    self.isPersonal = isPersonal
    self.isInfallible = isInfallible
    self.range = range
  }

  static func constant(_ value: Vector, range: Range<Int>) -> TypedNode {
    TypedNode(.constant(value), value.type, range: range, isNullable: value.column.isNull(0))
  }

  /// Whether it is worked out from a personal yes-or-no, so that being null may tell it.
  var hidesYesOrNo: Bool {
    if case .column = operation { return false }
    var hides = false
    visit { hides = hides || ($0.type == .bool && $0.isPersonal) }
    return hides
  }

  /// Visits every node, a parent before its children.
  func visit(_ body: (TypedNode) -> Void) {
    body(self)
    switch operation {
    case .column, .constant, .asOf: break
    case .call(_, let arguments), .and(let arguments), .or(let arguments),
      .coalesce(let arguments):
      for argument in arguments { argument.visit(body) }
    case .choice(let branches, let otherwise):
      for branch in branches {
        branch.condition.visit(body)
        branch.value.visit(body)
      }
      otherwise.visit(body)
    }
  }
}
