/// How many rows of a relation name somebody whom another relation has.
public struct KeyFinds: Sendable, Hashable {
  /// The stage whose rows are counted, and the one in which they are looked up.
  public let stage: String
  public let other: String
  /// The columns by which they are looked up.
  public let key: String
  public let rows: Int
  /// Of these, rows whose key is null.
  public let unnamed: Int
  /// Of these, rows whose key the other one has.
  public let found: Int
  /// Which rows these are, such as `since 2026-05-18`; nil for all.
  public var which: String?

  public init(
    stage: String, other: String, key: String, rows: Int, unnamed: Int, found: Int
  ) {
    self.stage = stage
    self.other = other
    self.key = key
    self.rows = rows
    self.unnamed = unnamed
    self.found = found
  }

  /// Rows that find nobody.
  public var lost: Int { rows - found }
  public var share: Double { rows == 0 ? 0 : Double(lost) / Double(rows) }
}
