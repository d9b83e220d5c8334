import Expressions
import Frames
import Relations

/// Texts that are read as other values, and texts that are written in one form.
extension RelationPrinter {
  func read(_ step: RowStep.Read, _ rows: Rows) throws(UnprintableRows) -> String {
    var made: [String: String] = [:]
    var readable: [String] = []
    for field in step.fields {
      let column = name(field.name)
      guard let condition = TextGuard.isReadable(column, as: field.type) else {
        throw UnprintableRows(
          step.label, "a text as \(field.type.sqlName) that may be none")
      }
      made[field.name] =
        "case when \(condition) then \(column)::\(dialect.type(field.type)) end"
      readable.append("(\(column) is null or \(condition))")
    }
    let selected = select(step, rows, made)
    return step.rejects
      ? selected + "\nwhere \(readable.joined(separator: "\n  and "))" : selected
  }

  func normalized(_ step: RowStep.Normalize, _ rows: Rows) throws(UnprintableRows) -> String {
    var made: [String: String] = [:]
    for field in step.fields {
      var text = name(field.name)
      switch step.form.form {
      case .nfc: text = "normalize(\(text), NFC)"
      case .nfkc: text = "normalize(\(text), NFKC)"
      case .email: throw UnprintableRows(step.label, "the form of e-mail addresses")
      case .phone: throw UnprintableRows(step.label, "the form of telephone numbers")
      case nil: break
      }
      if step.form.trims { text = "btrim(\(text), \(Self.blanks))" }
      if let letters = step.form.letterCase { text = "\(letters.rawValue)(\(text))" }
      made[field.name] = text
    }
    return select(step, rows, made)
  }

  /// The white space of Unicode (property White_Space), and two that are invisible.
  private static let blanks: String = {
    let ranges: [ClosedRange<UInt32>] = [
      0x9...0xD, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200B,
      0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ]
    let codes = ranges.joined().map { code in
      let digits = String(code, radix: 16)
      return "\\" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return "U&'\(codes.joined())'"
  }()
}

/// When a text is a value of a type, as a condition: Postgres before version 16 can only try, and fail.
enum TextGuard {
  private static let blank = "[ \\t\\n\\v\\f\\r]*"

  /// Nil for types whose texts are too many-sided.
  static func isReadable(_ column: String, as type: ColumnType) -> String? {
    switch type {
    case .int2: integer(column, Int128(Int16.min), Int128(Int16.max))
    case .int4: integer(column, Int128(Int32.min), Int128(Int32.max))
    case .int8: integer(column, Int128(Int64.min), Int128(Int64.max))
    case .bool:
      "lower(\(trimmed(column))) in ('t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1', 'f', "
        + "'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0')"
    case .uuid:
      "\(column) ~* '^([0-9a-f]{4}-?){7}[0-9a-f]{4}$|^\\{([0-9a-f]{4}-?){7}[0-9a-f]{4}\\}$'"
    default: nil
    }
  }

  private static func integer(_ column: String, _ least: Int128, _ most: Int128) -> String {
    "case when \(column) ~ '^\(blank)[+-]?[0-9]+\(blank)$' "
      + "then \(trimmed(column))::numeric between \(least) and \(most) else false end"
  }

  private static func trimmed(_ column: String) -> String {
    "btrim(\(column), E' \\t\\n\\v\\f\\r')"
  }
}
