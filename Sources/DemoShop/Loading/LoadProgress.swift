/// How far a load is.
public struct LoadProgress: Sendable, Equatable {
  public enum Step: Sendable, Equatable {
    case rows
    case indexes
  }
  public let step: Step
  /// Entities (users, customers) whose rows are loaded, of `total`.
  public let done: Int
  public let total: Int
  /// Rows loaded so far, of all tables.
  public let rows: Int
}

/// What was loaded.
public struct LoadSummary: Sendable, Equatable {
  public struct Table: Sendable, Equatable {
    /// As `schema.table`.
    public let name: String
    public internal(set) var rows: Int
  }
  /// In the order in which they were first loaded.
  public private(set) var tables: [Table] = []

  public var rows: Int { tables.reduce(0) { $0 + $1.rows } }

  mutating func add(_ table: String, rows: Int) {
    if let place = tables.firstIndex(where: { $0.name == table }) {
      tables[place].rows += rows
    } else {
      tables.append(Table(name: table, rows: rows))
    }
  }
}
