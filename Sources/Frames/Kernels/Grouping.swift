/// Rows put into groups of equal keys, numbered in the order of their first rows. Nulls are equal.
public struct Grouping: Sendable {
  /// The group of each row.
  public let groups: [Int32]
  /// The first row of each group.
  public let firstRows: [Int32]
  public var count: Int { firstRows.count }

  /// Groups `rowCount` rows by columns of that length; without columns all rows are one group.
  public init(by columns: [Column], rowCount: Int) {
    guard !columns.isEmpty else {
      groups = Array(repeating: 0, count: rowCount)
      firstRows = rowCount > 0 ? [0] : []
      return
    }
    var codes: [Int32] = []
    for (step, column) in columns.enumerated() {
      let own = Grouping.codes(of: column)
      guard step > 0 else {
        codes = own
        continue
      }
      var pairs = IntegerIndex(capacity: rowCount)
      for row in 0..<rowCount {
        codes[row] = pairs.insert(Int64(codes[row]) << 32 | Int64(own[row]))
      }
    }
    var firstRows: [Int32] = []
    for row in codes.indices where Int(codes[row]) == firstRows.count {
      firstRows.append(Int32(row))
    }
    groups = codes
    self.firstRows = firstRows
  }

  /// A dense number for each distinct value, in the order of first sight; null is a value.
  private static func codes(of column: Column) -> [Int32] {
    let keys = EqualityKeys(column)
    var values = IntegerIndex(capacity: 16)
    var null: Int32 = -1
    var next: Int32 = 0
    var numbers: [Int32] = []
    var result = [Int32](repeating: 0, count: column.count)
    for row in 0..<column.count {
      if column.isNull(row) {
        if null < 0 {
          null = next
          next += 1
        }
        result[row] = null
      } else {
        let value = Int(values.insert(keys[row]))
        if value == numbers.count {
          numbers.append(next)
          next += 1
        }
        result[row] = numbers[value]
      }
    }
    return result
  }
}

/// A column as 64-bit integers that are equal exactly when its values are.
struct EqualityKeys {
  private let keys: [Int64]

  init(_ column: Column) {
    switch column.values {
    case .bool(let values): keys = values.map { $0 ? 1 : 0 }
    case .int64(let values): keys = values
    case .float64(let values): keys = values.map(SortKeys.ordered)
    case .text(let codes, let dictionary):
      // Texts that a function made equal, such as lower(), may stand twice in a dictionary.
      var builder = TextDictionaryBuilder()
      let distinct = builder.codes(of: dictionary)
      keys = codes.map { Int64(distinct[Int($0)]) }
    case .int128, .interval:
      guard case .wide(let wide) = SortKeys(column) else { preconditionFailure("wide by type") }
      keys = EqualityKeys.narrowed(wide)
    }
  }

  subscript(row: Int) -> Int64 { keys[row] }

  private static func narrowed(_ wide: [Int128]) -> [Int64] {
    var numbers: [Int128: Int64] = [:]
    return wide.map { value in
      if let number = numbers[value] { return number }
      let number = Int64(numbers.count)
      numbers[value] = number
      return number
    }
  }
}
