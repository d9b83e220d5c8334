import Frames

extension Kernel {
  static let not = Kernel.infallible { arguments, call in
    call.map(arguments[0], arguments[0].bools, to: .bool, ColumnValues.bool) { !$0 }
  }

  /// `is [not] null` and, of booleans, `is [not] true`, `false`, `unknown`: never null.
  static func test(_ test: SyntaxNode.Test, isNegated: Bool) -> Kernel {
    .infallible { arguments, call in
      let argument = arguments[0]
      let count = argument.isConstant ? 1 : call.selection.count
      let values: [Bool]
      switch test {
      case .null, .unknown:
        values =
          argument.validity.map { $0.map { $0 == isNegated } }
          ?? Array(repeating: isNegated, count: count)
      case .true, .false:
        let wanted = test == .true
        let lane = argument.bools
        values = (0..<count).map { row in
          (!argument.isNull(row) && lane.values[row] == wanted) != isNegated
        }
      }
      return Vector(.bool, .bool(values), validity: nil, isConstant: argument.isConstant)
    }
  }
}
