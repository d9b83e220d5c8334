import Expressions
import Frames
import Relations

/// What the surroundings of printed rows decide.
public struct RelationSpelling: Sendable {
  /// Which rows of a stage are meant.
  public enum Rows: Sendable {
    /// Those that are seen by the as-of.
    case seen
    /// Those that were known before it, also those that are not valid any more.
    case known
  }

  /// Where the rows of a stage are, with the columns of its shape in any order.
  public enum Source: Sendable {
    /// A table, as SQL writes its name.
    case table(String)
    /// A SELECT.
    case select(String)
    /// What it consists of.
    case plan(RelationPlan)
  }

  public var stage: @Sendable (String, Rows) -> Source
  public var expressions: SQLSpelling
  /// The same at another instant and in its zone, for what is learnt of rows that were known then; nil where
  /// nobody can say it.
  public var at: @Sendable (RunFacts) -> RelationSpelling? = { _ in nil }
  /// SQL for the two paddings of the hash key, as bytes; nil where it may not be hashed here. The key itself
  /// is never printed.
  public var hashKey: HashKeyText?

  /// HMAC (RFC 2104) takes the key as two blocks of 64 bytes: the key with each byte xor 0x36, and xor 0x5c.
  public struct HashKeyText: Sendable {
    public let inner: String
    public let outer: String

    public init(inner: String, outer: String) {
      self.inner = inner
      self.outer = outer
    }
  }

  public init(
    expressions: SQLSpelling, hashKey: HashKeyText? = nil,
    stage: @escaping @Sendable (String, Rows) -> Source
  ) {
    self.expressions = expressions
    self.hashKey = hashKey
    self.stage = stage
  }
}
