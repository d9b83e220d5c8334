import Frames

/// Collects the texts of a column as codes into a dictionary.
final class TextCollector {
  private let codes = GrowingBuffer<Int32>()
  private var dictionary = TextDictionaryBuilder()
  /// Short texts seen last, by a hash of their bytes: most columns have few different texts.
  private var recent = [Recent](repeating: Recent(), count: 256)

  /// Whether the server has checked that the texts are UTF-8: it does so wherever the database has an
  /// encoding.
  private let isChecked: Bool

  init(isChecked: Bool) { self.isChecked = isChecked }

  private struct Recent {
    /// The text's bytes, as a word; of a text of at most 8 bytes.
    var bytes: UInt64 = 0
    var length = -1
    var code: Int32 = 0
  }

  func append(_ fields: FieldColumn, _ wire: WireType) -> ColumnDecoder.Failure? {
    let out = codes.extend(by: fields.rowCount)
    for row in 0..<fields.rowCount {
      guard var value = fields[row] else {
        out[row] = code(of: fields.bytes, 0)
        continue
      }
      var length = fields.length(of: value)
      switch wire {
      case .paddedText:
        while length > 0, value.load(fromByteOffset: length - 1, as: UInt8.self) == 0x20 {
          length -= 1
        }
      case .jsonb:
        guard length >= 1 else { return (row, .wrongLength) }
        // The first byte is the format's version.
        guard value.load(as: UInt8.self) == 1 else { return (row, .malformed) }
        value += 1
        length -= 1
      default: break
      }
      guard isChecked || Self.isUTF8(value, length) else { return (row, .notUTF8) }
      out[row] = code(of: value, length)
    }
    return nil
  }

  private static func isUTF8(_ text: UnsafeRawPointer, _ length: Int) -> Bool {
    let bytes = UnsafeBufferPointer(
      start: text.assumingMemoryBound(to: UInt8.self), count: length)
    return (try? UTF8Span(validating: bytes.span)) != nil
  }

  @inline(__always)
  private func code(of text: UnsafeRawPointer, _ length: Int) -> Int32 {
    guard length <= 8 else {
      return dictionary.code(
        of: UnsafeBufferPointer(start: text.assumingMemoryBound(to: UInt8.self), count: length))
    }
    // Blocks can be read beyond their end by a word.
    let word = text.loadUnaligned(as: UInt64.self)
    let bytes = length == 8 ? word : word & (1 << UInt64(8 * length) - 1)
    let spread = (bytes &+ UInt64(length)) &* 0x9e37_79b9_7f4a_7c15
    let slot = Int(truncatingIfNeeded: spread >> 56)
    return recent.withUnsafeMutableBufferPointer { recent in
      if recent[slot].bytes == bytes, recent[slot].length == length { return recent[slot].code }
      let code = dictionary.code(
        of: UnsafeBufferPointer(start: text.assumingMemoryBound(to: UInt8.self), count: length))
      recent[slot] = Recent(bytes: bytes, length: length, code: code)
      return code
    }
  }

  func take() -> ColumnValues {
    defer { dictionary = TextDictionaryBuilder() }
    return .text(codes.take(), dictionary.build())
  }
}
