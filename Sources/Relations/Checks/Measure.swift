/// A number that says something of rows, and can be compared from run to run.
public enum Measure: Hashable, Sendable {
  case rows
  /// The share of nulls in a column; without rows it is 0.
  case nulls(String)
  case sum(String)

  /// The name under which it is kept.
  public var name: String {
    switch self {
    case .rows: "rows"
    case .nulls(let column): "nulls of \(column)"
    case .sum(let column): "sum of \(column)"
    }
  }

  /// The column that it is of; nil for rows.
  public var column: String? {
    switch self {
    case .rows: nil
    case .nulls(let column), .sum(let column): column
    }
  }
}
