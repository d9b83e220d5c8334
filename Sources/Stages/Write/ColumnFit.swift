import Frames
import PipelineFiles

/// Whether values of a type can be stored in a column of a table that stands, without losing anything.
enum ColumnFit: Equatable {
  case fits
  /// Unless a value is this: "longer than 40 characters".
  case fitsSome(unless: String)
  case doesNotFit

  /// Whether values of a field can be stored in a column that may be of an enum or a domain.
  init(_ field: Field, in column: WritableTable.Column) {
    if !column.labels.isEmpty {
      self = Self.fitting(field, column.labels)
      return
    }
    guard let base = column.base else {
      self.init(field.type, column.type)
      return
    }
    self.init(field.type, base)
    if self == .fits, column.hasConditions {
      self = .fitsSome(unless: "not allowed by the domain \(column.type)")
    }
  }

  private static func fitting(_ field: Field, _ labels: [String]) -> ColumnFit {
    guard field.type == .text else { return .doesNotFit }
    if let values = field.values, Set(values).isSubset(of: labels) { return .fits }
    let shown = labels.prefix(10).joined(separator: ", ")
    return .fitsSome(unless: "none of \(shown)" + (labels.count > 10 ? ", …" : ""))
  }

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
    "text": ["character varying", "citext"],
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
