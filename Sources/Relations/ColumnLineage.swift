/// A column of a stage.
public struct StageColumn: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let stage: String
  public let column: String
  /// The table that the stage publishes beside its first one, where the column is one of that.
  public let table: String?

  public init(_ stage: String, _ column: String, table: String? = nil) {
    self.stage = stage
    self.column = column
    self.table = table
  }

  /// What its name begins with: its table, which has a schema and so is no stage's name, or its stage.
  public var owner: String { table ?? stage }

  public var description: String { "\(owner).\(column)" }

  public static func < (a: Self, b: Self) -> Bool {
    (a.owner, a.column) < (b.owner, b.column)
  }
}

/// Where the values of one column of a stage come from.
public struct ColumnLineage: Sendable, Hashable {
  /// Columns of the stage's inputs that the values are made from.
  public var origins: Set<StageColumn>
  /// The expressions that make them, in the order in which they are applied; empty where the values
  /// are passed on as they are.
  public var expressions: [String]
  /// The column of a source, such as `shop: shop.users.email`, for what is read.
  public var source: String?

  public init(
    from origins: Set<StageColumn> = [], by expressions: [String] = [], source: String? = nil
  ) {
    self.origins = origins
    self.expressions = expressions
    self.source = source
  }
}

/// The lineage of the columns of one stage, by name.
public typealias StageLineage = [String: ColumnLineage]
