import Frames

/// `min` and `max` of values of a fixed size. A generic type's methods are called through a protocol
/// without being specialised, unless they say for what.
struct ExtremeState<Value: SQLOrdered & Sendable>: BlockwiseState {
  private var values: [Value]
  private var seen: [Bool]
  private let takesGreater: Bool
  private let wrap: @Sendable ([Value]) -> ColumnValues
  private let unwrap: @Sendable (ColumnValues) -> [Value]?

  init(
    groupCount: Int, _ placeholder: Value, takesGreater: Bool,
    _ wrap: @escaping @Sendable ([Value]) -> ColumnValues,
    _ unwrap: @escaping @Sendable (ColumnValues) -> [Value]?
  ) {
    values = Array(repeating: placeholder, count: groupCount)
    seen = Array(repeating: false, count: groupCount)
    self.takesGreater = takesGreater
    self.wrap = wrap
    self.unwrap = unwrap
  }

  @_specialize(where Value == Int64)
  @_specialize(where Value == Int128)
  @_specialize(where Value == Double)
  mutating func add(_ column: Column?, _ groups: [Int32]) -> Bool {
    guard let rows = column.flatMap({ unwrap($0.values) }) else { return false }
    let takesGreater = takesGreater
    values.withUnsafeMutableBufferPointer { values in
      seen.withUnsafeMutableBufferPointer { seen in
        rows.withUnsafeBufferPointer { rows in
          for (row, group) in groups.enumerated() where group >= 0 {
            let group = Int(group)
            let value = rows[row]
            if !seen[group] || Self.isBetter(value, values[group], takesGreater) {
              values[group] = value
              seen[group] = true
            }
          }
        }
      }
    }
    return true
  }

  @inline(__always)
  private static func isBetter(_ a: Value, _ b: Value, _ takesGreater: Bool) -> Bool {
    // Of equal values the later one, as in Postgres: 1 month and 30 days are equal.
    takesGreater ? !Value.isLess(a, b) : !Value.isLess(b, a)
  }

  @_specialize(where Value == Int64)
  @_specialize(where Value == Int128)
  @_specialize(where Value == Double)
  mutating func accumulateWindows(_ layout: GroupLayout) {
    for group in 0..<(layout.count - layout.entities) {
      merge(group, into: group + layout.entities)
    }
  }

  mutating func merge(_ source: Int, into target: Int) {
    guard seen[source] else { return }
    if !seen[target] || Self.isBetter(values[source], values[target], takesGreater) {
      values[target] = values[source]
      seen[target] = true
    }
  }

  @_specialize(where Value == Int64)
  @_specialize(where Value == Int128)
  @_specialize(where Value == Double)
  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let column = Column(
      type: type, values: wrap(indices.map { values[$0] }), validity: indices.map { seen[$0] })
    return (column, nil)
  }
}

/// `min` and `max` of texts, in the order of their bytes.
struct TextExtremeState: AggregateState {
  /// Codes; -1 where a group has none yet.
  private var codes: [Int32]
  private let dictionary: TextDictionary
  private let takesGreater: Bool

  init(
    _ rows: [Int32], _ dictionary: TextDictionary, _ groups: [Int32], _ groupCount: Int,
    _ takesGreater: Bool
  ) {
    codes = Array(repeating: -1, count: groupCount)
    self.dictionary = dictionary
    self.takesGreater = takesGreater
    for (row, group) in groups.enumerated() where group >= 0 { take(rows[row], Int(group)) }
  }

  private mutating func take(_ code: Int32, _ group: Int) {
    let current = codes[group]
    guard code >= 0, code != current else { return }
    let isBetter =
      current < 0
      || (takesGreater ? dictionary.precedes(current, code) : dictionary.precedes(code, current))
    if isBetter { codes[group] = code }
  }

  mutating func merge(_ source: Int, into target: Int) { take(codes[source], target) }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    var builder = ColumnBuilder(type: type, capacity: indices.count)
    for index in indices {
      if codes[index] < 0 {
        builder.appendNull()
      } else {
        dictionary.utf8(codes[index]).withUnsafeBufferPointer { builder.append(utf8: $0) }
      }
    }
    return (builder.build(), nil)
  }
}
