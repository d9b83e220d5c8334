/// What one stage reads of a source. Its relations are locked from the instant of the snapshot until
/// its last row is read.
public struct SourceReading: Sendable {
  /// The stage.
  public let name: String
  /// The SELECTs whose relations are read; parts of them may be read by other SELECTs.
  public let selects: [String]
  /// Identities of the relations, where they were found before.
  public let relations: Set<Int>
  /// What of it no snapshot holds for, in the words of `StatementReading`; nil where that was not found
  /// before.
  public let unprotected: Set<String>?
  /// How much there is to read, in any measure that is the same for all: less is read sooner.
  public let size: Double
  /// Whether policies may decide which rows are read.
  public let acceptsRowSecurity: Bool

  public init(
    _ name: String, selects: [String], relations: Set<Int> = [],
    unprotected: Set<String>? = nil, size: Double = 0,
    acceptsRowSecurity: Bool = false
  ) {
    self.name = name
    self.selects = selects
    self.relations = relations
    self.unprotected = unprotected
    self.size = size
    self.acceptsRowSecurity = acceptsRowSecurity
  }
}

/// What a snapshot notices while it is read, told on any thread.
public enum SnapshotEvent: Sendable {
  /// A session waits for a relation that is locked for the reading of some stages, if any still reads.
  case waiting(session: String, relation: String, stages: [String])
}
