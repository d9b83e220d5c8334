import Frames

extension Column {
  /// The values of a key column as Postgres prints them: integers in digits, uuid in hexadecimal.
  public var keyTexts: [String] {
    switch values {
    case .int64(let values): values.map { String($0) }
    case .int128(let values): values.map { type == .uuid ? $0.uuidText : String($0) }
    case .text(let codes, let dictionary): codes.map { dictionary[$0] }
    case .bool(let values): values.map { $0 ? "true" : "false" }
    case .float64(let values): values.map { String($0) }
    case .interval(let values): values.map { "\($0)" }
    }
  }
}

extension Int128 {
  /// The bits in the form of a uuid.
  fileprivate var uuidText: String {
    let digits = String(UInt128(bitPattern: self), radix: 16)
    let padded = Array(String(repeating: "0", count: 32 - digits.count) + digits)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(padded[$0]) }
      .joined(separator: "-")
  }
}
