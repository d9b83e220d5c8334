import Frames

extension Column {
  /// A text (or jsonb) column from optional texts.
  public init(texts: [String?], type: ColumnType = .text) {
    var builder = ColumnBuilder(type: type, capacity: texts.count)
    for text in texts { if let text { builder.append(text) } else { builder.appendNull() } }
    self = builder.build()
  }

  /// An integer column from optional integers.
  public init(integers: [Int?], type: ColumnType = .int4) {
    var builder = ColumnBuilder(type: type, capacity: integers.count)
    for value in integers {
      if let value { builder.append(Int64(value)) } else { builder.appendNull() }
    }
    self = builder.build()
  }

  /// The value of a text column as the reader sees it; nil for null.
  public func text(_ row: Int) -> String? {
    guard case .text(let codes, let dictionary) = values, !isNull(row) else { return nil }
    return dictionary[codes[row]]
  }
}
