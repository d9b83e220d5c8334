import Frames

/// The SQL of Postgres.
struct PostgresGrammar: Grammar {
  func identifier(_ name: String) -> String {
    let isPlain =
      name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      } && name.first.map { !$0.isNumber } == true && !Self.reserved.contains(name)
    return isPlain ? name : quotedName(name)
  }

  func type(_ type: ColumnType) -> String {
    switch type {
    case .timestamp: "timestamp"
    case .timestamptz: "timestamptz"
    default: type.sqlName
    }
  }

  func asOf(_ asOf: SQLSpelling.AsOf) -> SQLTerm {
    switch asOf {
    case .instant(let instant): literal(.integer(Int128(instant.microseconds)), .timestamptz)
    case .sql(let text): SQLTerm(text)
    }
  }

  func between(
    _ value: SQLTerm, _ low: SQLTerm, _ high: SQLTerm, isNegated: Bool, _ type: ColumnType
  ) -> SQLTerm {
    let parts = ordered([value, low, high], type).map(\.nested)
    return .compound("\(parts[0]) \(isNegated ? "not " : "")between \(parts[1]) and \(parts[2])")
  }

  /// Values that are compared by their order: of texts, that of their bytes whatever the database's
  /// collation. One says it for all, unless another has a collation of its own.
  func ordered(_ values: [SQLTerm], _ type: ColumnType) -> [SQLTerm] {
    guard type == .text else { return values }
    return values.enumerated().map { place, value in
      place == 0 || value.text.contains(" collate ") ? byBytes(value) : value
    }
  }

  func byBytes(_ text: SQLTerm) -> SQLTerm { .compound("\(text.nested) collate \"C\"") }

  /// A text that was chosen by the order of its bytes; what is done with it next knows other letters again.
  func collatedByDefault(_ value: SQLTerm) -> SQLTerm {
    .compound("\(value.nested) collate \"default\"")
  }

  func cast(_ value: SQLTerm, to type: ColumnType) -> SQLTerm {
    SQLTerm("\(value.nested)::\(self.type(type))")
  }

  func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

  func infix(_ arguments: [SQLTerm], _ word: String) -> SQLTerm { arguments.joined(by: word) }

  // MARK: Calls

  func call(_ call: PrintedCall) throws(Inexpressible) -> SQLTerm {
    let arguments = call.arguments
    switch call.id.name {
    case .function(let name): return try function(name, call)
    case .arithmetic(let op): return try arithmetic(op, call)
    case .negation: return .compound("- \(arguments[0].nested)")
    case .not: return .compound("not \(arguments[0].nested)")
    case .comparison(let comparison):
      return infix(
        comparison.isOfOrder ? ordered(arguments, call.id.takes[0]) : arguments, comparison.symbol)
    case .distinct(let isNegated):
      return infix(arguments, isNegated ? "is not distinct from" : "is distinct from")
    case .test(let test, let isNegated):
      return .compound("\(arguments[0].nested) is \(isNegated ? "not " : "")\(test.rawValue)")
    case .concatenation: return infix(arguments, "||")
    case .like(let escape, let ignoresCase, let isNegated):
      let word = (isNegated ? "not " : "") + (ignoresCase ? "ilike" : "like")
      let ending =
        escape == "\\" ? "" : " escape " + quoted(escape.map { String(Character($0)) } ?? "")
      return .compound(infix(arguments, word).text + ending)
    case .matches(let test): return infix(arguments, test.symbol)
    case .cast: return try cast(call)
    case .digits:
      return call.id.takes[0].isInteger
        ? SQLTerm("\(arguments[0].nested)::numeric") : arguments[0]
    case .comparedDate:
      // A date and a local time can be compared as they are.
      return call.type == .timestamp
        ? arguments[0] : instant(ofLocal: cast(arguments[0], to: .timestamp), call.spelling)
    case .nullIf: return nullIf(arguments)
    case .extreme(let isGreatest):
      let best = SQLTerm(
        "\(isGreatest ? "greatest" : "least")(\(ordered(arguments, call.type).list))")
      return call.type == .text ? collatedByDefault(best) : best
    case .place(let labels): return place(of: arguments[0], in: labels)
    case .label(let labels): return SQLTerm("(\(array(labels)))[\(arguments[0].text)]")
    }
  }

  /// The first argument is the value, the others are the two as they are compared.
  private func nullIf(_ arguments: [SQLTerm]) -> SQLTerm {
    let compared = Array(arguments.dropFirst())
    if arguments[0] == compared[0] { return SQLTerm("nullif(\(compared.list))") }
    let isEqual = infix(compared, "=")
    return SQLTerm("case when \(isEqual.text) then null else \(arguments[0].text) end")
  }

  private func array(_ labels: [String]) -> String {
    "array[\(labels.map(quoted).joined(separator: ", "))]"
  }

  /// What is no label fails, as it does here, by a cast that cannot succeed.
  private func place(of label: SQLTerm, in labels: [String]) -> SQLTerm {
    SQLTerm(
      "coalesce(array_position(\(array(labels)), \(label.text)), "
        + "('no label of the enum: ' || \(label.nested))::integer)")
  }
}

extension Comparison {
  fileprivate var symbol: String {
    switch self {
    case .equal: "="
    case .notEqual: "<>"
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }
}

extension PatternTest {
  fileprivate var symbol: String { (isNegated ? "!" : "") + "~" + (ignoresCase ? "*" : "") }
}
