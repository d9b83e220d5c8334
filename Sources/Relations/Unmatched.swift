/// How many of a source's rows belong to no entity, and how much of its sums goes with them.
public struct Unmatched: Sendable {
  public struct Sum: Sendable {
    /// Such as `sum(amount)`.
    public let text: String
    /// The share of it that belongs to no entity.
    public let share: Double

    public init(text: String, share: Double) {
      self.text = text
      self.share = share
    }
  }

  public let stage: String
  /// The column that names the entity.
  public let column: String
  /// The rows that count, whether they find an entity or not.
  public let rows: Int
  /// Of these, rows that name none.
  public let unnamed: Int
  /// Of these, rows that name one that is not there.
  public let unknown: Int
  public let sums: [Sum]

  public var share: Double { rows == 0 ? 0 : Double(unnamed + unknown) / Double(rows) }

  public init(
    stage: String, column: String, rows: Int, unnamed: Int, unknown: Int, sums: [Sum]
  ) {
    self.stage = stage
    self.column = column
    self.rows = rows
    self.unnamed = unnamed
    self.unknown = unknown
    self.sums = sums
  }
}
