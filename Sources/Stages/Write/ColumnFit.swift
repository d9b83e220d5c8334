import Frames

/// Whether values of a type can be stored in a column of a table that stands, without losing anything.
enum ColumnFit: Equatable {
  case fits
  /// Unless a value is this: "longer than 40 characters".
  case fitsSome(unless: String)
  case doesNotFit

  /// - Parameter column: the column's type as Postgres writes it.
  init(_ type: ColumnType, _ column: String) {
    if type.sqlName == column || Self.wider[type.sqlName]?.contains(column) == true {
      self = .fits
      return
    }
    if type == .text, let length = Self.arguments(of: "character varying", in: column)?.first {
      self = .fitsSome(unless: "longer than \(length) characters")
      return
    }
    self = Self.fitsNumeric(type, column) ? .fits : .doesNotFit
  }

  /// By type, the types that hold all of its values and that Postgres assigns them to.
  private static let wider: [String: Set<String>] = [
    "smallint": ["integer", "bigint", "numeric", "real", "double precision"],
    "integer": ["bigint", "numeric", "double precision"],
    "bigint": ["numeric"],
    "real": ["double precision"],
    "text": ["character varying"],
  ]

  /// Exact numbers fit where there is room before and behind the point.
  private static func fitsNumeric(_ type: ColumnType, _ column: String) -> Bool {
    let digits: (before: Int, behind: Int)
    switch type {
    case .int2: digits = (5, 0)
    case .int4: digits = (10, 0)
    case .int8: digits = (19, 0)
    case .numeric(let precision, let scale): digits = (precision - scale, scale)
    default: return false
    }
    if column == "numeric" { return true }
    guard let arguments = arguments(of: "numeric", in: column), arguments.count == 2 else {
      return false
    }
    return arguments[0] - arguments[1] >= digits.before && arguments[1] >= digits.behind
  }

  /// The numbers in parentheses behind a type's name; nil where it has another name or none.
  private static func arguments(of name: String, in type: String) -> [Int]? {
    guard type.hasPrefix(name + "("), type.hasSuffix(")") else { return nil }
    return type.dropFirst(name.count + 1).dropLast().split(separator: ",").compactMap { Int($0) }
  }
}
