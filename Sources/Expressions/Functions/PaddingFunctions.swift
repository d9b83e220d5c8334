import Frames

/// Functions that make texts longer.
extension Function {
  /// The most bytes that one of their results may have.
  static let maximumPadded = 1 << 24
  private static let tooLong = "requested length too large"

  static let paddingFunctions: [Function] = [
    Function(
      "repeat", "The text as often as the number says.",
      Signature(
        [.text, .int4], .text,
        .tryText { row, failure in
          let text = row.text(0)
          let count = max(0, row.integer(1))
          if text.isEmpty { return [] }
          if Int64(text.count) * count > maximumPadded {
            failure.fail(.tooLong, tooLong)
            return []
          }
          return Array(repeatElement(text, count: Int(count)).joined())
        })),
    padding("lpad", "The text filled up at its start to a length, or cut to it.", atStart: true),
    padding("rpad", "The text filled up at its end to a length, or cut to it.", atStart: false),
  ]

  private static func padding(_ name: String, _ about: String, atStart: Bool) -> Function {
    return Function(
      name, about,
      Signature(
        [.text, .int4], .text,
        .tryText { row, failure in
          padded(
            row.text(0), to: row.integer(1), with: [0x20], atStart: atStart, &failure)
        }),
      Signature(
        [.text, .int4, .text], .text,
        .tryText { row, failure in
          padded(
            row.text(0), to: row.integer(1), with: row.text(2), atStart: atStart, &failure)
        }))
  }

  private static func padded(
    _ text: ArraySlice<UInt8>, to length: Int64, with fill: ArraySlice<UInt8>, atStart: Bool,
    _ failure: inout Failure
  ) -> [UInt8] {
    let cut = TextOperations.left(text, max(0, length))
    let missing = length - Int64(TextOperations.length(cut))
    if missing <= 0 || fill.isEmpty { return Array(cut) }
    if length > maximumPadded / 4 {
      failure.fail(.tooLong, tooLong)
      return []
    }
    let times = missing / Int64(TextOperations.length(fill)) + 1
    let filling = TextOperations.left(
      Array(repeatElement(fill, count: Int(times)).joined())[...], missing)
    return Array(atStart ? filling + cut : cut + filling)
  }
}
