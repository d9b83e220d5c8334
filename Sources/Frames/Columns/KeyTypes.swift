extension ColumnType {
  /// Whether values of two types can be looked up in each other by how they are held: integers of any
  /// width, numerics of one scale and representation, otherwise equal types.
  public func isSameKey(as other: ColumnType) -> Bool {
    if isInteger && other.isInteger { return true }
    if case .numeric(_, let scale) = self, case .numeric(_, let otherScale) = other {
      return scale == otherScale && storage == other.storage
    }
    return self == other
  }

  /// Whether its values have one text each that anybody would write, so that they can be hashed.
  public var hasCanonicalText: Bool { self == .text || self == .uuid || isInteger }
}
