import Frames

extension RelationShape {
  /// A column of it as other rows see it that look for its rows.
  /// - Parameter isChosen: whether other rows decide which row is found.
  func found(_ column: String, as name: String? = nil, isChosen: Bool) -> Field? {
    guard var field = schema[column] else { return nil }
    field.name = name ?? column
    // Of rows without a time past cutoffs see what they are today.
    field.changesInPlace = field.changesInPlace || timeless != nil
    field.isFromManyRows = field.isFromManyRows || isChosen
    return field
  }
}
