import Frames

/// A column of a published table whose type becomes one that holds every value of the old one, exactly.
public struct ColumnWidening: Sendable, Hashable {
  public let column: String
  /// As Postgres writes them.
  public let from: String
  public let to: String

  /// Nil where the type is the same, or would not hold every value.
  public init?(of column: String, from: String, to type: ColumnType) {
    guard from != type.sqlName, Self.holds(type, from) else { return nil }
    self.column = column
    self.from = from
    to = type.sqlName
  }

  private static func holds(_ type: ColumnType, _ from: String) -> Bool {
    switch type {
    case .int4: return from == "smallint"
    case .int8: return ["smallint", "integer"].contains(from)
    case .float8: return from == "real"
    case .text: return from.hasPrefix("character varying")
    case .numeric(let precision, let scale):
      guard let match = from.wholeMatch(of: /numeric\((\d+),(\d+)\)/),
        let oldPrecision = Int(match.1), let oldScale = Int(match.2)
      else { return false }
      return scale >= oldScale && precision - scale >= oldPrecision - oldScale
    default: return false
    }
  }
}

extension PublishedTable {
  /// The columns whose types would become wider if the table had these columns from now on.
  public func widenings(with fields: [Field]) -> [ColumnWidening] {
    columns.filter { !Self.ownColumns.contains($0.name) }.compactMap { column in
      fields.first { $0.name == column.name }
        .flatMap { ColumnWidening(of: column.name, from: column.type, to: $0.type) }
    }
  }

  /// Why types cannot become wider under those who use the views; nil where nobody does.
  public func obstacle(to widenings: [ColumnWidening]) -> String? {
    guard let first = widenings.first, !dependants.isEmpty else { return nil }
    return
      "column '\(first.column)' was \(first.from) and would be \(first.to), which Postgres does not "
      + "allow while \(dependants.joined(separator: ", ")) "
      + "\(dependants.count == 1 ? "uses" : "use") it"
  }
}
