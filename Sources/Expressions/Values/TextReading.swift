import Frames

/// Reads texts as values of another type, as Postgres's cast from text does.
public struct TextReading: Sendable {
  public let target: ColumnType

  /// Nil where there is no such cast, or nothing to read: to `text` and `jsonb`.
  public init?(as target: ColumnType) {
    guard target.storage != .text else { return nil }
    self.target = target
  }

  /// The value of each text, in the order of the dictionary; null where a text is none, and where
  /// the value cannot be held, such as a `numeric` that is not a number.
  /// - Parameter zone: where local times are read as instants.
  public func values(of texts: TextDictionary, in zone: CalendarZone) -> Column {
    var builder = ColumnBuilder(type: target, capacity: texts.count)
    for code in 0..<Int32(texts.count) where !append(texts[code], to: &builder, zone) {
      builder.appendNull()
    }
    return builder.build()
  }

  private func append(
    _ text: String, to builder: inout ColumnBuilder, _ zone: CalendarZone
  ) -> Bool {
    switch target.storage {
    case .bool: LiteralText.bool(text).map { builder.append($0) } != nil
    case .int64: LiteralText.int64(text, target, zone: zone).map { builder.append($0) } != nil
    case .int128:
      (target == .uuid ? UUIDText.parse(text) : LiteralText.numeric(text, target))
        .map { builder.append($0) } != nil
    case .float64:
      FloatText.parse(text, isSingle: target == .float4).map { builder.append($0) } != nil
    case .interval: IntervalText.parse(text).map { builder.append($0) } != nil
    case .text: false
    }
  }
}
