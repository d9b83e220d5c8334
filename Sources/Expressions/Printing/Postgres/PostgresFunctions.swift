import Frames

extension PostgresGrammar {
  /// Those that Postgres has under the same name, with the same meaning for the same types.
  private static let own: Set<String> = [
    "abs", "sign", "mod", "round", "floor", "ceil", "ceiling", "trunc", "ln", "log", "log10",
    "cbrt",
    "exp", "sqrt", "power", "lower", "upper", "btrim", "ltrim", "rtrim", "length", "char_length",
    "initcap", "reverse", "left", "right", "substring", "substr", "replace", "split_part", "concat",
    "starts_with", "strpos", "repeat", "lpad", "rpad", "width_bucket", "regexp_replace",
  ]

  func function(_ name: String, _ call: PrintedCall) throws(Inexpressible) -> SQLTerm {
    if Self.own.contains(name) { return SQLTerm("\(name)(\(call.arguments.list))") }
    switch name {
    // A function of this name came with Postgres 15.
    case "regexp_like":
      let ignoresCase = call.nodes.count > 2 && call.nodes[2].literalText?.contains("i") == true
      return infix(Array(call.arguments.prefix(2)), ignoresCase ? "~*" : "~")
    case "extract": return extract(call)
    case "date_trunc":
      guard call.type == .timestamptz else { return SQLTerm("date_trunc(\(call.arguments.list))") }
      return SQLTerm("date_trunc(\(call.arguments.list), \(quoted(call.spelling.zone.name)))")
    case "timezone":
      return .compound("\(call.arguments[1].nested) at time zone \(call.arguments[0].text)")
    case "age_days":
      return infix(zip(call.arguments, call.id.takes).map { day($0, $1, call.spelling) }, "-")
    case "days_since":
      let day = day(call.arguments[0], call.id.takes[0], call.spelling)
      return .compound("\(asOfDay(call.spelling).nested) - \(finite(day, "date "))")
    default: throw Inexpressible(name)
    }
  }

  /// Null in the place of infinities.
  func finite(_ value: SQLTerm, _ type: String) -> String {
    "nullif(nullif(\(value.text), \(type)'infinity'), \(type)'-infinity')"
  }

  private func extract(_ call: PrintedCall) -> SQLTerm {
    let field = call.nodes[0].literalText?.lowercased() ?? ""
    let source = call.id.takes[1]
    // The epoch is of the instant, the other fields are of the local time.
    let value =
      source == .timestamptz && field != "epoch"
      ? local(call.arguments[1], call.spelling) : call.arguments[1]
    let extracted = SQLTerm("extract(\(field) from \(value.text))")
    guard source != .interval, ["year", "isoyear", "epoch"].contains(field) else {
      return extracted
    }
    return SQLTerm(finite(extracted, ""))
  }
}
