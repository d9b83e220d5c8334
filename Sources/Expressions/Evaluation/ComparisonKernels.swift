import Frames

extension Kernel {
  /// Compares two values of one type; `numeric` operands have one scale and one storage.
  static func comparison(_ comparison: Comparison) -> Kernel {
    .infallible { arguments, call in call.compare(arguments, comparison) }
  }

  /// `is [not] distinct from`: as `<>` and `=`, but a null equals a null.
  static func distinct(isNegated: Bool) -> Kernel {
    .infallible { arguments, call in
      let (a, b) = (arguments[0], arguments[1])
      let differ = call.compare(arguments, .notEqual).bools
      let (count, isConstant) = call.extent(arguments)
      let values = (0..<count).map { row in
        let (aIsNull, bIsNull) = (a.isNull(row), b.isNull(row))
        let isDistinct =
          aIsNull || bIsNull ? aIsNull != bIsNull : differ.values[row &* differ.stride]
        return isDistinct != isNegated
      }
      return Vector(.bool, .bool(values), validity: nil, isConstant: isConstant)
    }
  }

  /// `nullif(value, other)` where the arguments are the value, and the two as they are compared.
  static let nullIf = Kernel.infallible { arguments, call in
    let equal = call.compare(Array(arguments[1...]), .equal)
    let (count, isConstant) = call.extent(arguments)
    let column = isConstant ? arguments[0].column : arguments[0].expanded(to: count)
    let lane = equal.bools
    let validity = (0..<count).map { row in
      !column.isNull(row) && (equal.isNull(row) || !lane.values[row &* lane.stride])
    }
    return Vector(
      column.type, column.values, validity: validity, isConstant: isConstant)
  }

  /// The greatest or least of values of one type; nulls do not count.
  static func extreme(greatest: Bool) -> Kernel {
    .infallible { arguments, call in
      let (count, isConstant) = call.extent(arguments)
      guard var best = arguments.first else { return .null(.text) }
      for other in arguments.dropFirst() {
        let better = call.compare([other, best], greatest ? .greater : .less)
        let lane = better.bools
        var merger = Merger(type: best.type, count: count)
        let places = Array(0..<Int32(count))
        let (current, next) = (best, other)
        let isTaken = { (row: Int) in
          !next.isNull(row)
            && (current.isNull(row) || (lane.values[row &* lane.stride] && !better.isNull(row)))
        }
        merger.take(current, at: places) { !isTaken($0) }
        merger.take(next, at: places, where: isTaken)
        best = merger.result()
      }
      return isConstant ? Vector(best.column, isConstant: true) : best
    }
  }
}

extension Invocation {
  /// The comparison of two vectors of one storage, null where one of them is.
  func compare(_ arguments: [Vector], _ comparison: Comparison) -> Vector {
    let (a, b) = (arguments[0], arguments[1])
    switch a.column.values {
    case .bool: return compare(arguments, a.bools, b.bools, comparison)
    case .int64: return compare(arguments, a.int64s, b.int64s, comparison)
    case .int128 where a.type == .uuid:
      return zip(arguments, a.int128s, b.int128s, to: .bool, ColumnValues.bool) {
        comparison.holds(UInt128(bitPattern: $0), UInt128(bitPattern: $1))
      }
    case .int128: return compare(arguments, a.int128s, b.int128s, comparison)
    case .float64: return compare(arguments, a.doubles, b.doubles, comparison)
    case .interval: return compare(arguments, a.intervals, b.intervals, comparison)
    case .text:
      return textMap(arguments, to: .bool, ColumnValues.bool, placeholder: false) {
        comparison.holds($0.text(0), $0.text(1))
      }
    }
  }

  /// The operator is chosen outside of the loop, so that each loop is a tight one.
  private func compare<T: SQLOrdered>(
    _ arguments: [Vector], _ a: Lane<T>, _ b: Lane<T>, _ comparison: Comparison
  ) -> Vector {
    let wrap = ColumnValues.bool
    return switch comparison {
    case .equal: zip(arguments, a, b, to: .bool, wrap) { T.isEqual($0, $1) }
    case .notEqual: zip(arguments, a, b, to: .bool, wrap) { !T.isEqual($0, $1) }
    case .less: zip(arguments, a, b, to: .bool, wrap) { T.isLess($0, $1) }
    case .lessOrEqual: zip(arguments, a, b, to: .bool, wrap) { !T.isLess($1, $0) }
    case .greater: zip(arguments, a, b, to: .bool, wrap) { T.isLess($1, $0) }
    case .greaterOrEqual: zip(arguments, a, b, to: .bool, wrap) { !T.isLess($0, $1) }
    }
  }
}
