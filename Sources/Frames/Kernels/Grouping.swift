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
    let keys = EqualityKeys(column).keys
    var values = KeyIndex(of: keys)
    guard let validity = column.validity else { return keys.map { values.insert($0) } }
    var null: Int32 = -1
    return keys.indices.map { row in
      // Numbers given after that of null are one greater.
      guard validity[row] else {
        if null < 0 { null = Int32(values.count) }
        return null
      }
      let number = values.insert(keys[row])
      return null >= 0 && number >= null ? number + 1 : number
    }
  }
}

/// A column as 64-bit integers that are equal exactly when its values are.
struct EqualityKeys {
  let keys: [Int64]

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

  /// The values of two columns with one representation as integers that are equal exactly when the
  /// values are; nil for those of more than 64 bits.
  static func pair(_ one: Column, _ other: Column) -> (one: [Int64], other: [Int64])? {
    switch (one.values, other.values) {
    case (.text(let codes, let dictionary), .text(let otherCodes, let otherDictionary)):
      var builder = TextDictionaryBuilder()
      let numbers = builder.codes(of: dictionary)
      let otherNumbers = builder.codes(of: otherDictionary)
      return (
        codes.map { Int64(numbers[Int($0)]) }, otherCodes.map { Int64(otherNumbers[Int($0)]) }
      )
    case (.int128, _), (.interval, _): return nil
    default: return (EqualityKeys(one).keys, EqualityKeys(other).keys)
    }
  }

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
