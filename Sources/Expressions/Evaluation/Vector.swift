import Frames

/// The values of one node for the selected rows: one per row, or a single one that holds for all.
struct Vector: Sendable {
  let column: Column
  /// Whether the column's one value stands for every row.
  let isConstant: Bool

  init(_ column: Column, isConstant: Bool = false) {
    self.column = column
    self.isConstant = isConstant
  }

  init(_ type: ColumnType, _ values: ColumnValues, validity: [Bool]?, isConstant: Bool) {
    self.init(Column(type: type, values: values, validity: validity), isConstant: isConstant)
  }

  var type: ColumnType { column.type }
  var validity: [Bool]? { column.validity }
  /// How far to step in the values from one row to the next.
  var stride: Int { isConstant ? 0 : 1 }

  @inline(__always) func isNull(_ row: Int) -> Bool { column.isNull(row &* stride) }

  /// The same values under another type with the same storage.
  func relabelled(_ type: ColumnType) -> Vector {
    Vector(
      Column(type: type, values: column.values, validity: column.validity), isConstant: isConstant)
  }

  /// One value per row.
  func expanded(to count: Int) -> Column {
    guard isConstant else { return column }
    let validity = column.isNull(0) ? Array(repeating: false, count: count) : nil
    func fill<T>(_ values: [T]) -> [T] { Array(repeating: values[0], count: count) }
    let values: ColumnValues =
      switch column.values {
      case .bool(let values): .bool(fill(values))
      case .int64(let values): .int64(fill(values))
      case .int128(let values): .int128(fill(values))
      case .float64(let values): .float64(fill(values))
      case .text(let codes, let dictionary): .text(fill(codes), dictionary)
      case .interval(let values): .interval(fill(values))
      }
    return Column(type: type, values: values, validity: validity)
  }

  static func null(_ type: ColumnType) -> Vector {
    var builder = ColumnBuilder(type: type)
    builder.appendNull()
    return Vector(builder.build(), isConstant: true)
  }

  static func constant(_ type: ColumnType, _ append: (inout ColumnBuilder) -> Void) -> Vector {
    var builder = ColumnBuilder(type: type)
    append(&builder)
    return Vector(builder.build(), isConstant: true)
  }
}

/// Typed values with a step: 0 for a constant.
struct Lane<Element> {
  let values: [Element]
  let stride: Int
}

/// Typing has chosen the kernel by the storage of its operands, so these are never asked for values
/// of another kind; evaluation has checked the frame's columns against the schema.
extension Vector {
  var bools: Lane<Bool> {
    if case .bool(let values) = column.values { return Lane(values: values, stride: stride) }
    preconditionFailure("the kernel is for booleans, not \(type.sqlName)")
  }

  var int64s: Lane<Int64> {
    if case .int64(let values) = column.values { return Lane(values: values, stride: stride) }
    preconditionFailure("the kernel is for 64-bit integers, not \(type.sqlName)")
  }

  var int128s: Lane<Int128> {
    if case .int128(let values) = column.values { return Lane(values: values, stride: stride) }
    preconditionFailure("the kernel is for 128-bit integers, not \(type.sqlName)")
  }

  var doubles: Lane<Double> {
    if case .float64(let values) = column.values { return Lane(values: values, stride: stride) }
    preconditionFailure("the kernel is for floating point, not \(type.sqlName)")
  }

  var intervals: Lane<IntervalValue> {
    if case .interval(let values) = column.values { return Lane(values: values, stride: stride) }
    preconditionFailure("the kernel is for intervals, not \(type.sqlName)")
  }

  var texts: (codes: Lane<Int32>, dictionary: TextDictionary) {
    if case .text(let codes, let dictionary) = column.values {
      return (Lane(values: codes, stride: stride), dictionary)
    }
    preconditionFailure("the kernel is for texts, not \(type.sqlName)")
  }
}
