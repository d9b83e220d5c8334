import Frames

/// A function of the rows of a group: the one declaration from which its typing, its evaluation, its SQL
/// and its line in the reference come.
struct Aggregate: Sendable {
  let name: String
  /// Other names that it has.
  let synonyms: [String]
  /// What it does, in one sentence, for the reference.
  let about: String
  let form: Form
  let traits: Traits
  /// What it takes, for a message; nil where one value says it all.
  let usage: String?
  /// What helps where it does not take a value: its type, and how it is written.
  let mistyped: @Sendable (ColumnType, String) -> String?
  /// The type of the result for a value of a type; nil where it does not take it. What takes no value is
  /// asked with `int8`.
  let result: @Sendable (ColumnType) -> ColumnType?
  let literals: any AggregateLiteral.Type
  /// The aggregate with the literals of a call; nil where they are wrong, which was said.
  let use: @Sendable (AggregateReading) -> AggregateUse?

  /// What stands in its parentheses.
  enum Form: Sendable {
    /// One value.
    case value
    /// One value, or nothing before `within group (order by …)`.
    case ordered
    /// A literal before `within group (order by …)`.
    case orderedAfterLiteral
    /// A value and a literal.
    case valueAndLiteral
    /// Literals: it is of the times of the rows alone.
    case times
    /// A cart, whether a row buys it, and a literal.
    case cart

    var argumentCount: Int {
      switch self {
      case .value, .ordered, .orderedAfterLiteral, .times: 1
      case .valueAndLiteral: 2
      case .cart: 3
      }
    }

    /// Whether a value may stand in `within group (order by …)`.
    var ordersValues: Bool {
      switch self {
      case .ordered, .orderedAfterLiteral: true
      case .value, .valueAndLiteral, .times, .cart: false
      }
    }
  }

  struct Traits: OptionSet, Sendable {
    let rawValue: Int

    /// It takes `*`.
    static let ofRows = Traits(rawValue: 1)
    static let takesDistinct = Traits(rawValue: 2)
    /// It is a number for no rows too.
    static let counts = Traits(rawValue: 4)
    /// Its result is one of the values, chosen by their order.
    static let isOneValue = Traits(rawValue: 8)
    /// It looks at the time of the rows.
    static let looksAtTime = Traits(rawValue: 16)
    /// Its result depends on how long ago rows are.
    static let dependsOnAsOf = Traits(rawValue: 32)
    /// Its result is a number that tells nothing of one value.
    static let hidesValues = Traits(rawValue: 64)
  }

  init<Literal: AggregateLiteral>(
    _ name: String, _ about: String, synonyms: [String] = [], _ form: Form = .value,
    _ traits: Traits = [], literal: Literal.Type, usage: String? = nil,
    mistyped: @escaping @Sendable (ColumnType, String) -> String? = { _, _ in nil },
    result: @escaping @Sendable (ColumnType) -> ColumnType?,
    states: @escaping @Sendable (Literal, AggregateID) -> AggregateStates,
    postgres: @escaping @Sendable (Literal, PostgresRows) throws(Inexpressible) -> SQLTerm
  ) {
    self.name = name
    self.synonyms = synonyms
    self.about = about
    self.form = form
    self.traits = traits
    self.usage = usage
    self.mistyped = mistyped
    self.result = result
    literals = Literal.self
    use = { reading in
      guard let literal = Literal.read(reading) else { return nil }
      let id = AggregateID(
        name: name, takes: reading.takes, literals: literal.values,
        isDistinct: reading.call.isDistinct)
      return AggregateUse(
        id: id, states: states(literal, id), dependsOnAsOf: traits.contains(.dependsOnAsOf)
      ) { rows throws(Inexpressible) in try postgres(literal, rows) }
    }
  }

  /// One without literals.
  init(
    _ name: String, _ about: String, synonyms: [String] = [], _ form: Form = .value,
    _ traits: Traits = [], usage: String? = nil,
    mistyped: @escaping @Sendable (ColumnType, String) -> String? = { _, _ in nil },
    result: @escaping @Sendable (ColumnType) -> ColumnType?,
    states: @escaping @Sendable (AggregateID) -> AggregateStates,
    postgres: @escaping @Sendable (PostgresRows) throws(Inexpressible) -> SQLTerm
  ) {
    self.init(
      name, about, synonyms: synonyms, form, traits, literal: NoLiteral.self, usage: usage,
      mistyped: mistyped, result: result, states: { _, id in states(id) },
      postgres: { _, rows throws(Inexpressible) in try postgres(rows) })
  }

  static func named(_ name: String) -> Aggregate? { catalogue[name] }

  static var names: [String] { all.map(\.name) + all.flatMap(\.synonyms).sorted() }

  /// In the order of the reference.
  static let all: [Aggregate] =
    ofValues + deviations + ofOrder + ofTime + ofShares + ofTimes + ofCarts

  private static let catalogue: [String: Aggregate] = Dictionary(
    all.flatMap { aggregate in ([aggregate.name] + aggregate.synonyms).map { ($0, aggregate) } },
    uniquingKeysWith: { first, _ in first })
}

/// What an aggregate call computes: with its arguments, filter and time it says all of its meaning.
struct AggregateID: Hashable, Sendable {
  let name: String
  /// The type of the value; empty where it takes none.
  let takes: [ColumnType]
  /// What its literals say.
  let literals: [LiteralValue]
  let isDistinct: Bool
}

/// An aggregate in use: what it is, what evaluates it, and what it is in SQL.
struct AggregateUse: Sendable {
  let id: AggregateID
  let states: AggregateStates
  let dependsOnAsOf: Bool
  let postgres: @Sendable (PostgresRows) throws(Inexpressible) -> SQLTerm
}
