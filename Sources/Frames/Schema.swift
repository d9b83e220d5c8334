/// A column's name and what is known of it before there are values.
public struct Field: Sendable, Hashable {
  public var name: String
  public var type: ColumnType
  public var isNullable: Bool
  /// Whether its values are personal data, which may not reach a published table or a model.
  public var isPersonal: Bool
  /// Whether the source updates it in place, so that past values are lost.
  public var changesInPlace: Bool
  /// Whether the source works it out from many rows, also from ones that are later than the row's time.
  public var isFromManyRows: Bool
  /// Whether its values follow from the run's as-of alone, such as the day of sending: they are others
  /// every night although nothing happened.
  public var followsAsOf: Bool
  /// All values that a text or whole number can have, where they are known, as texts.
  public var values: [String]?
  /// Of a text that is an enum, its labels in their order, in which it compares.
  public var labels: [String]?
  /// What the column means, in one sentence; becomes the comment on a published column.
  public var about: String?

  public init(
    _ name: String, _ type: ColumnType, isNullable: Bool = true, isPersonal: Bool = false,
    changesInPlace: Bool = false, isFromManyRows: Bool = false, followsAsOf: Bool = false,
    values: [String]? = nil, labels: [String]? = nil, about: String? = nil
  ) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.isPersonal = isPersonal
    self.changesInPlace = changesInPlace
    self.isFromManyRows = isFromManyRows
    self.followsAsOf = followsAsOf
    self.values = values
    self.labels = labels
    self.about = about
  }

  /// A column that is made from others: what holds of one of them holds of it, and that it follows from the
  /// as-of where all of them do. Which values it can have is not known.
  ///
  /// The one place where flags are carried on; whoever makes a column says only what is otherwise.
  public static func made(
    _ name: String, _ type: ColumnType, from fields: some Sequence<Field>, about: String? = nil
  ) -> Field {
    let fields = Array(fields)
    return Field(
      name, type, isNullable: fields.contains(where: \.isNullable),
      isPersonal: fields.contains(where: \.isPersonal),
      changesInPlace: fields.contains(where: \.changesInPlace),
      isFromManyRows: fields.contains(where: \.isFromManyRows),
      followsAsOf: !fields.isEmpty && fields.allSatisfy(\.followsAsOf), about: about)
  }
}

/// The fields of a frame, in order, with names that are all different.
public struct Schema: Sendable, Hashable {
  public private(set) var fields: [Field]
  private var places: [String: Int]
  /// Names of columns of which nothing can be said, because what makes them is wrong itself. An
  /// expression that uses one has no type, and no mistake of its own.
  public private(set) var unknown: Set<String> = []
  /// Columns of a source that are not among the fields, with what stands against reading them: "is of
  /// type point, which cannot be read".
  public private(set) var unread: [String: String] = [:]

  /// Fields with names that are all different; of two with one name the first wins a look-up.
  public init(_ fields: [Field] = []) {
    self.fields = fields
    places = Dictionary(
      fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { a, _ in a })
  }

  public var names: [String] { fields.map(\.name) }

  public func index(of name: String) -> Int? { places[name] }

  public subscript(name: String) -> Field? { places[name].map { fields[$0] } }

  public mutating func append(_ field: Field) {
    places[field.name] = places[field.name] ?? fields.count
    fields.append(field)
  }

  /// Makes a column one of which nothing can be said.
  public mutating func markUnknown(_ name: String) { unknown.insert(name) }

  /// Remembers a column that a source has and that is not read.
  public mutating func markUnread(_ name: String, because why: String) { unread[name] = why }

  /// Puts a field in the place of the one with its name, or at the end.
  public mutating func set(_ field: Field) {
    if let place = places[field.name] { fields[place] = field } else { append(field) }
  }
}
