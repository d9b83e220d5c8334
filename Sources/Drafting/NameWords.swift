/// Names of tables and columns as words, and the other way round.
enum NameWords {
  /// The words of a name in lower case: `CustomerID` and `customer_id` are customer, id.
  static func split(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var previous: Character = "_"
    for character in name {
      let isPart = character.isLetter || character.isNumber
      if !isPart || (character.isUppercase && previous.isLowercase) {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if isPart { word += character.lowercased() }
      previous = character
    }
    return word.isEmpty ? words : words + [word]
  }

  /// The letters and digits of a name in lower case: `User Id` is userid.
  static func squeezed(_ name: String) -> String { split(name).joined() }

  /// A column's name that needs no quotes and is one in our language too.
  static func plain(_ name: String) -> String {
    let text = joined(name, prefix: "c")
    return reserved.contains(text) ? text + "_" : text
  }

  /// A stage's name for a table.
  static func stage(_ name: String) -> String {
    let text = joined(name, prefix: "t")
    return yaml.contains(text) ? text + "_table" : text
  }

  private static func joined(_ name: String, prefix: String) -> String {
    let text = split(name).joined(separator: "_")
    return clipped(text.first?.isNumber ?? true ? "\(prefix)_\(text)" : text, to: 60)
  }

  /// Words that YAML may read as something else.
  private static let yaml: Set<String> = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n",
  ]

  static func clipped(_ text: String, to bytes: Int) -> String {
    var text = text
    while text.utf8.count > bytes { text.removeLast() }
    return text
  }

  /// Whether a name can stand in a pipeline as it is, wherever a column may stand.
  static func isPlain(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, first == "_" || first.properties.isAlphabetic
    else { return false }
    return !reserved.contains(name) && name.utf8.count <= 63
      && name.unicodeScalars.allSatisfy { scalar in
        scalar == "_"
          || (scalar.properties.isAlphabetic && !(0x41...0x5a).contains(scalar.value))
          || scalar.properties.numericType != nil
      }
  }

  /// One of what a table holds: `customers` is customer.
  static func singular(_ name: String) -> String {
    let text = name
    func dropping(_ ending: String, _ other: String = "") -> String? {
      text.hasSuffix(ending) && text.count > ending.count + 1
        ? text.dropLast(ending.count) + other : nil
    }
    if ["ss", "us", "is"].contains(where: text.hasSuffix) { return text }
    if text == "people" { return "person" }
    return dropping("ies", "y") ?? dropping("sses", "ss") ?? dropping("xes", "x")
      ?? dropping("ches", "ch") ?? dropping("shes", "sh") ?? dropping("s") ?? text
  }

  /// Key words that are no column's name without quotes, in SQL files, in expressions or in YAML.
  static let reserved: Set<String> = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "as_of", "asc", "asymmetric",
    "authorization", "between", "binary", "both", "case", "cast", "check", "collate", "collation",
    "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user",
    "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "false",
    "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in",
    "initially", "inner", "intersect", "interval", "into", "is", "isnull", "join", "lateral",
    "leading", "left", "like", "limit", "localtime", "localtimestamp", "natural", "no", "not",
    "notnull", "null", "off", "offset", "on", "only", "or", "order", "outer", "overlaps",
    "placing", "primary", "references", "returning", "right", "row", "run_id", "select",
    "session_user", "similar", "some", "symmetric", "table", "tablesample", "then", "to",
    "trailing", "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where",
    "window", "with", "yes",
  ]
}

/// Names of which each is given once.
struct NameSet {
  private var taken: Set<String>

  init(_ taken: Set<String> = []) { self.taken = taken }

  /// The first of some names that is free, or the last one with a number.
  mutating func claim(_ wishes: String...) -> String {
    for wish in wishes where taken.insert(wish).inserted { return wish }
    let base = wishes.last ?? "x"
    var number = 2
    while !taken.insert("\(base)_\(number)").inserted { number += 1 }
    return "\(base)_\(number)"
  }
}
