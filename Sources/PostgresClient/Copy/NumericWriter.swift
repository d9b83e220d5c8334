import Frames

/// Writes exact decimals in Postgres's binary `numeric` (`numeric_recv` in numeric.c).
enum NumericWriter {
  /// Appends `value / 10^scale` as a field of a row, showing `scale` decimals.
  static func append<Value: FixedWidthInteger & SignedInteger>(
    _ value: Value, scale: Int, to buffer: inout CopyBuffer
  ) where Value.Magnitude: FixedWidthInteger {
    // Groups of four digits from the lowest up; 38 digits cut at any place fill at most eleven.
    var groups = InlineArray<12, UInt16>(repeating: 0)
    var count = 0
    var rest = value.magnitude
    // The decimals end at a border of four digits.
    let padding = (4 - scale % 4) % 4
    if padding > 0 {
      let (quotient, part) = rest.quotientAndRemainder(
        dividingBy: Value.Magnitude(PowersOfTen.int[4 - padding]))
      groups[0] = UInt16(part) * UInt16(PowersOfTen.int[padding])
      count = 1
      rest = quotient
    }
    while rest > 0 {
      let (quotient, part) = rest.quotientAndRemainder(dividingBy: 10_000)
      groups[count] = UInt16(part)
      count += 1
      rest = quotient
    }
    var lowest = 0
    while lowest < count, groups[lowest] == 0 { lowest += 1 }
    let weight = count - 1 - (scale + padding) / 4
    let digits = count - lowest
    buffer.append(Int32(8 + 2 * digits))
    buffer.append(Int16(digits))
    buffer.append(Int16(digits == 0 ? 0 : weight))
    buffer.append(UInt16(value < 0 ? 0x4000 : 0))
    buffer.append(Int16(scale))
    for index in stride(from: count - 1, through: lowest, by: -1) { buffer.append(groups[index]) }
  }
}
